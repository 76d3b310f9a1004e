output "url" {
  description = "Address of the catalogue; the host name of the certificate must point there."
  value       = "https://${module.alb.dns_name}/"
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["catalogue"].task_definition
}

output "last_deployment" {
  description = "The last deployment in one line."
  value       = module.ecs.services["catalogue"].last_deployment
}
