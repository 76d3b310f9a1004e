# A canary under ECS's own deployments: 10 percent for five minutes, then everything.
resource "switchyard_blue_green_service" "checkout" {
  name            = "checkout"
  cluster         = "main"
  task_definition = "checkout:42"
  desired_count   = 3
  launch_type     = "FARGATE"

  network_configuration {
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }

  load_balancer {
    container_name           = "app"
    container_port           = 8080
    target_groups            = [var.blue_target_group_arn, var.green_target_group_arn]
    production_listener_rule = var.production_rule_arn
    role_arn                 = var.infrastructure_role_arn
  }

  deployment {
    strategy  = "canary"
    bake_time = "10m"

    canary {
      percent  = 10
      interval = "5m"
    }
  }
}

variable "blue_target_group_arn" {
  type        = string
  description = "One target group of the pair."
}

variable "green_target_group_arn" {
  type        = string
  description = "The other target group of the pair."
}

variable "production_rule_arn" {
  type        = string
  description = "Listener rule that forwards production traffic to the pair."
}

variable "infrastructure_role_arn" {
  type        = string
  description = "Role that lets ECS edit the listener rule."
}
