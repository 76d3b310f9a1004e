# Requires Terraform 1.8 or OpenTofu 1.7.
output "last_deployment" {
  value = provider::switchyard::last_deployment(switchyard_blue_green_service.web.last_deployment).outcome
}
