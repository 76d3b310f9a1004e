output "url" {
  description = "Address of the shop; the host name of the certificate must point there."
  value       = "https://${module.alb.dns_name}/"
}

output "live_task_definitions" {
  description = "Task definition revision of each service that is live."
  value       = { for name, service in module.ecs.services : name => service.task_definition }
}
