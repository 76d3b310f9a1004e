data "switchyard_recovery_plan" "booking" {
  name = "event-booking"

  scenario {
    name          = "bad-release"
    description   = "Errors since the last release."
    recovery_time = "5m"

    step {
      name    = "back"
      command = ["switchyard", "rollback", "--group", "event-booking", "--yes"]
      preview = ["switchyard", "rollback", "--group", "event-booking", "--dry-run"]
    }
  }

  scenario {
    name              = "region-lost"
    description       = "The region does not respond, and AWS confirms it."
    recovery_time     = "60m"
    recovery_point    = "15m"
    requires_approval = true

    step {
      name    = "rebuild"
      command = ["terraform", "-chdir=recovery", "apply", "-auto-approve", "-input=false"]
      preview = ["terraform", "-chdir=recovery", "plan", "-input=false"]
    }
  }
}

output "recovery_plan" {
  value = data.switchyard_recovery_plan.booking.json
}
