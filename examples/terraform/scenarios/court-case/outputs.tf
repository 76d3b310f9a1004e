output "url" {
  description = "Address of the API."
  value       = "https://${module.dns.hosts["cases"]}/"
}

output "name_servers" {
  description = "Name servers to which the domain must be delegated where it is registered."
  value       = module.dns.name_servers
}

output "repository_url" {
  description = "Where the pipeline pushes the image."
  value       = module.registry.repository_urls["${var.name}/api"]
}

output "live_task_definition" {
  description = "Task definition revision that is live."
  value       = module.ecs.services["api"].task_definition
}

output "topic_arns" {
  description = "Where alarms go, by severity."
  value       = module.monitoring.topic_arns
}

output "restore" {
  description = "What a restore of the database needs."
  value       = { vault = module.backup.vault_name, role = module.backup.role_arn }
}
