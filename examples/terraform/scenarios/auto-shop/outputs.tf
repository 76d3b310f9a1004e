output "url" {
  description = "Address of the shop; the host name of the certificate must point there."
  value       = "https://${module.alb.dns_name}/"
}

output "live_target_group" {
  description = "Target group that serves production now."
  value       = module.ecs.services["backend"].live_target_group
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["backend"].task_definition
}
