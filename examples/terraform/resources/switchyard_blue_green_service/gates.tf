# A canary with gates: the new revision must respond before it gets traffic, and its error rate must stay low while
# it has some. A gate that fails rolls the deployment back.
resource "switchyard_blue_green_service" "payments" {
  name            = "payments"
  cluster         = "main"
  task_definition = "payments:12"
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
    strategy    = "canary"
    bake_time   = "10m"
    autoscaling = "suspend_scale_in"

    canary {
      percent  = 10
      interval = "5m"
    }
  }

  gate {
    name = "healthy"
    when = ["before_traffic", "step"]

    http {
      target  = "new_targets"
      path    = "/health"
      json    = { "/status" = jsonencode("ok") }
      latency = "500ms"
    }
  }

  gate {
    name = "errors"
    area = "performance"
    when = ["step", "bake"]

    metric {
      predefined   = "target_5xx_percent"
      success_when = "<= 1"
      failure_when = "> 5"
      no_data      = "pass"
    }
  }

  gate {
    name         = "orders"
    area         = "business"
    when         = ["bake"]
    observe_only = true

    metric {
      success_when  = "> 0"
      initial_delay = "2m"

      query {
        id         = "placed"
        namespace  = "Shop"
        name       = "OrdersPlaced"
        statistic  = "Sum"
        dimensions = { TargetGroup = "{new_target_group}" }
      }
    }
  }

  health_score {
    minimum = 80
  }

  # The report of each deployment, for the pipeline that runs Terraform.
  report_path = "deployments/payments.json"
}
