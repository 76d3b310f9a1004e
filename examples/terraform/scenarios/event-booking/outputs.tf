output "dns_name" {
  description = "DNS name of the load balancer: the target of the host name's alias record."
  value       = module.alb.dns_name
}

output "zone_id" {
  description = "Hosted zone of dns_name, which the alias record also needs."
  value       = module.alb.zone_id
}

output "live" {
  description = "By service: the task definition revision and the target group that serve production now."
  value = {
    for name, service in module.ecs.services : name => {
      task_definition = service.task_definition
      target_group    = service.live_target_group
    }
  }
}

output "data_subnet_ids" {
  description = "Subnets for the database and the cache."
  value       = module.vpc.database_subnet_ids
}

output "data_security_group_ids" {
  description = "Security groups for the database and the cache."
  value       = { for name, group in aws_security_group.data : name => group.id }
}

output "repository_urls" {
  description = "By service, where the pipeline pushes its image."
  value       = { for name in keys(local.services) : name => module.registry.repository_urls["${var.name}/${name}-service"] }
}

output "dashboard" {
  description = "Dashboard of all services."
  value       = module.monitoring.dashboard_name
}
