# Task sets and the weights of the listener rule: the apply itself moves traffic, so any weights are possible.
resource "switchyard_blue_green_service" "ledger" {
  name            = "ledger"
  cluster         = "main"
  task_definition = "ledger:8"
  controller      = "external"
  desired_count   = 3
  launch_type     = "FARGATE"

  network_configuration {
    subnets = ["subnet-0a", "subnet-0b"]
  }

  load_balancer {
    container_name           = "app"
    container_port           = 8080
    target_groups            = [var.blue_target_group_arn, var.green_target_group_arn]
    production_listener_rule = var.production_rule_arn
  }

  deployment {
    strategy = "steps"

    step {
      percent = 1
      hold    = "10m"
    }
    step {
      percent = 7
      hold    = "10m"
    }
    step {
      percent = 100
      hold    = "30m"
    }
  }
}
