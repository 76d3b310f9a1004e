# A person approves twice: when the tasks of the new revision run and have no traffic yet, and at 20 percent. Until then
# ECS waits. Approve with `aws ecs continue-service-deployment`.
resource "switchyard_blue_green_service" "billing" {
  name            = "billing"
  cluster         = "main"
  task_definition = "billing:12"
  desired_count   = 4
  launch_type     = "FARGATE"

  network_configuration {
    subnets = ["subnet-0a", "subnet-0b"]
  }

  load_balancer {
    container_name           = "app"
    container_port           = 8080
    target_groups            = [var.blue_target_group_arn, var.green_target_group_arn]
    production_listener_rule = var.production_rule_arn
    role_arn                 = var.infrastructure_role_arn
  }

  deployment {
    strategy = "steps"

    approval {
      stages     = ["POST_SCALE_UP"]
      time_limit = "8h"
      on_timeout = "rollback"
    }

    step {
      percent = 20
      hold    = "approval"
    }
    step {
      percent = 100
      hold    = "15m"
    }
  }
}
