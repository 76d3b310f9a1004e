output "cluster_name" {
  description = "Name of the cluster."
  value       = var.create ? local.cluster_name : null
}

output "cluster_arn" {
  description = "ARN of the cluster."
  value       = var.create ? local.cluster_arn : null
}

output "services" {
  description = "Each service by name: `name`, `arn`, `id`, the live `task_definition` and `live_target_group`, and `last_deployment`."
  value = {
    for name, service in switchyard_blue_green_service.this : name => {
      name              = service.name
      arn               = service.arn
      id                = service.id
      task_definition   = service.live_task_definition
      live_target_group = service.live_target_group
      last_deployment   = service.last_deployment
    }
  }
}

output "scaling_policy_arns" {
  description = "ARN of each scaling policy by service and name, for the actions of your alarms."
  value       = { for name, set in switchyard_scaling_policy_set.this : name => set.policy_arns }
}

output "execution_role_arns" {
  description = "ARN of each service's execution role."
  value       = { for name, definition in aws_ecs_task_definition.this : name => definition.execution_role_arn }
}

output "task_role_arns" {
  description = "ARN of each service's own role."
  value       = { for name, definition in aws_ecs_task_definition.this : name => definition.task_role_arn }
}

output "task_role_names" {
  description = "Name of each service's own role, to attach policies to; only of roles that the module creates."
  value       = { for name, role in aws_iam_role.task : name => role.name }
}

output "infrastructure_role_arn" {
  description = "ARN of the role that ECS uses to move traffic and to make volumes."
  value       = var.create ? local.infrastructure_role_arn : null
}

output "task_security_group_id" {
  description = "Security group of the tasks, for the rules of databases and caches."
  value       = one(aws_security_group.tasks[*].id)
}

output "security_group_ids" {
  description = "By service, the security group that its tasks have from the module: its own with `create_security_group`, otherwise the shared one."
  value       = local.group_ids
}

output "namespace_arn" {
  description = "ARN of the Cloud Map namespace; null without one."
  value       = one(aws_service_discovery_private_dns_namespace.this[*].arn)
}

output "namespace_id" {
  description = "Id of the Cloud Map namespace; null without one."
  value       = one(aws_service_discovery_private_dns_namespace.this[*].id)
}

output "log_group_names" {
  description = "Name of each service's log group."
  value       = { for name, group in aws_cloudwatch_log_group.this : name => group.name }
}
