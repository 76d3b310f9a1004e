# The automatic scaling of all services that have the tag. Requires Terraform 1.14.
list "switchyard_scaling_policy_set" "shop" {
  provider         = switchyard
  include_resource = true
  limit            = 50

  config {
    clusters = ["main"]
    tags     = { team = "shop" }
  }
}
