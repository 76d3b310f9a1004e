# A pipeline that starts its own CodeDeploy deployments takes the AppSpec from the outputs. Requires Terraform 1.8 or
# OpenTofu 1.7.
output "appspec" {
  value = provider::switchyard::appspec({
    task_definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
    load_balancer   = { container_name = "app", container_port = 8080 }
  })
}
