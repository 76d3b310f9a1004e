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

output "last_deployment" {
  description = "How the last deployment went, and what the gates said, in one line. Weights with their times are in the file at report_path."
  value       = switchyard_blue_green_service.app.last_deployment
}
