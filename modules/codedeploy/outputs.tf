output "app_name" {
  description = "Name of the application, for `codedeploy.application` of a service."
  value       = one(aws_codedeploy_app.this[*].name)
}

output "app_arn" {
  description = "ARN of the application."
  value       = one(aws_codedeploy_app.this[*].arn)
}

output "deployment_group_names" {
  description = "Name of each service's deployment group, by key."
  value       = { for key, group in aws_codedeploy_deployment_group.this : key => group.deployment_group_name }
}

output "deployment_group_arns" {
  description = "ARN of each service's deployment group, by key."
  value       = { for key, group in aws_codedeploy_deployment_group.this : key => group.arn }
}

output "deployment_config_names" {
  description = "Full name of each configuration in `custom_configs`, by key."
  value       = { for key, config in aws_codedeploy_deployment_config.this : key => config.deployment_config_name }
}

output "role_arn" {
  description = "ARN of the role that CodeDeploy uses."
  value       = var.create ? local.role_arn : null
}

output "appspecs" {
  description = "AppSpec of each service as JSON, for deployments outside Terraform: replace `<TASK_DEFINITION>` with the ARN of the task definition."
  value = {
    for key, service in local.services : key => jsonencode(merge(
      {
        version = 0.0
        Resources = [{
          TargetService = {
            Type = "AWS::ECS::Service"
            Properties = {
              TaskDefinition = "<TASK_DEFINITION>"
              LoadBalancerInfo = {
                ContainerName = coalesce(service.container_name, key)
                ContainerPort = service.container_port
              }
            }
          }
        }]
      },
      { for hooks in [service.hooks] : "Hooks" => [for event, function in hooks : { (event) = function }] if length(hooks) > 0 },
    ))
  }
}
