output "url" {
  description = "Address of the application; the host name of the certificate must point there."
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
  description = "Topic of the alarms: subscribe pagers, chat rooms and mailboxes. Null if there are no alarms."
  value       = one(aws_sns_topic.alerts[*].arn)
}
