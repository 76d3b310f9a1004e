output "url" {
  description = "Address of the service."
  value       = "http://${aws_lb.main.dns_name}/"
}

output "live_target_group" {
  description = "Target group that serves production now."
  value       = switchyard_blue_green_service.app.live_target_group
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = switchyard_blue_green_service.app.live_task_definition
}
