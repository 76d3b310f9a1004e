output "url" {
  description = "Address of the service; the host name of the certificate must point there."
  value       = "https://${module.alb.dns_name}/"
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = switchyard_blue_green_service.api.live_task_definition
}

output "snapshot_id" {
  description = "Snapshot of what is live."
  value       = switchyard_deployment_snapshot.api.snapshot_id
}

output "topic_arns" {
  description = "Where alarms go, by severity."
  value       = { for severity, topic in aws_sns_topic.alerts : severity => topic.arn }
}
