# Custom weights: 10 percent for 5 minutes, 50 percent for 10, 100 percent for 15 while the old revision still runs.
# ECS moves the traffic; the apply holds each weight and then continues. If the apply is killed, ECS rolls back.
resource "switchyard_blue_green_service" "search" {
  name            = "search"
  cluster         = "main"
  task_definition = "search:31"
  desired_count   = 6
  launch_type     = "FARGATE"

  # Any number of tasks from four to twelve is accepted.
  desired_count_owner = "bounded"
  desired_count_bounds {
    min = 4
    max = 12
  }

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

    step {
      percent = 10
      hold    = "5m"
    }
    step {
      percent = 50
      hold    = "10m"
    }
    step {
      percent = 100
      hold    = "15m"
    }
  }
}
