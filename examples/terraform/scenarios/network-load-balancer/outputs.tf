output "address" {
  description = "Where clients connect."
  value       = "${module.nlb.dns_name}:1883"
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["broker"].task_definition
}

output "live_target_group" {
  description = "Side of the pair that is live."
  value       = module.ecs.services["broker"].live_target_group
}
