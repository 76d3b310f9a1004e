# Requires Terraform 1.14. Run it with `terraform apply -invoke=action.switchyard_emergency_scale.web`.
action "switchyard_emergency_scale" "web" {
  config {
    cluster       = "main"
    service       = "web"
    desired_count = 12
    duration      = "2h"
    reason        = "sale"
  }
}
