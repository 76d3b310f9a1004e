# Prices of Fargate on Linux and x86 in eu-west-1: take those of your region.
data "switchyard_cost_range" "checkout" {
  cluster        = "main"
  service        = "checkout"
  monthly_budget = 400

  prices {
    vcpu_hour      = 0.04048
    gb_hour        = 0.004445
    spot_vcpu_hour = 0.0125
    spot_gb_hour   = 0.0014
  }
}

output "checkout_costs" {
  value = "${data.switchyard_cost_range.checkout.monthly_min} to ${data.switchyard_cost_range.checkout.monthly_max} a month"
}

# Fails no apply, and says so when the scaling may exceed the budget.
check "budget_of_checkout" {
  assert {
    condition     = !data.switchyard_cost_range.checkout.may_exceed_budget
    error_message = "The maximum number of tasks of checkout costs more than its budget."
  }
}
