# Requires Terraform 1.14. Run it with `terraform apply -invoke=action.switchyard_approve_deployment.web`.
action "switchyard_approve_deployment" "web" {
  config {
    cluster = "main"
    service = "web"
    reason  = "checked on the test listener"
  }
}
