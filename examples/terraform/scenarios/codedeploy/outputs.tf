output "url" {
  description = "Address of the service."
  value       = "http://${aws_lb.main.dns_name}/"
}

output "test_url" {
  description = "Address at which the new revision responds first during a deployment."
  value       = "http://${aws_lb.main.dns_name}:${aws_lb_listener.test.port}/"
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
  description = "The last deployment in one line: outcome, revisions, CodeDeploy's id and the reason; null before the first."
  value       = switchyard_blue_green_service.app.last_deployment
}
