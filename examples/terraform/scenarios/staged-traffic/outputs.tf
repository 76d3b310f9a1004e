output "url" {
  description = "Where the application answers; the name of the certificate must point there."
  value       = "https://${module.alb.dns_name}/"
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["app"].task_definition
}

output "live_target_group" {
  description = "Target group that serves production now."
  value       = module.ecs.services["app"].live_target_group
}

output "alerts_topic_arn" {
  description = "Where alarms go: subscribe pagers, chat rooms and mailboxes. Null where nothing is watched."
  value       = one(aws_sns_topic.alerts[*].arn)
}
