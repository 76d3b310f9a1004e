output "url" {
  description = "Address of the search."
  value       = "http://${module.alb.dns_name}/"
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["search"].task_definition
}
