# Requires Terraform 1.14. Run it with `terraform apply -invoke=action.switchyard_rollback.web`.
action "switchyard_rollback" "web" {
  config {
    cluster = "main"
    service = "web"
    reason  = "errors after the deployment"
  }
}
