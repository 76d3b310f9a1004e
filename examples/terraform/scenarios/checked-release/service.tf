resource "aws_ecs_cluster" "main" {
  name = var.name
}

resource "aws_ecs_task_definition" "api" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  # A rollback needs the old revision, so Terraform must not deregister it.
  skip_destroy = true

  # An image for a different architecture does not start; the plan finds it if the registry says so.
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  container_definitions = jsonencode([{
    name         = "api"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 8080, protocol = "tcp" }]
  }])
}

resource "switchyard_blue_green_service" "api" {
  name                = "api"
  cluster             = aws_ecs_cluster.main.arn
  task_definition     = aws_ecs_task_definition.api.arn
  desired_count       = var.capacity.min
  desired_count_owner = "autoscaler"
  launch_type         = "FARGATE"

  network_configuration {
    subnets         = module.vpc.app_subnet_ids
    security_groups = [aws_security_group.tasks.id]
  }

  load_balancer {
    container_name           = "api"
    container_port           = 8080
    target_groups            = module.alb.services["api"].target_group_arns
    production_listener_rule = module.alb.services["api"].production_rule_arn
    test_listener_rule       = module.alb.services["api"].test_rule_arn
    role_arn                 = aws_iam_role.infrastructure.arn
  }

  deployment {
    strategy  = "canary"
    bake_time = "5m"

    canary {
      percent  = 10
      interval = "5m"
    }

    alarms {
      names = local.critical_alarms
    }
  }

  # Before users reach it: it and its API must respond, and its dependencies must be reachable.
  gate {
    name  = "smoke"
    class = "smoke"
    area  = "basic"
    when  = ["before_traffic"]

    http {
      target = "test_listener"
      path   = "/"
    }
  }

  gate {
    name  = "api"
    class = "api"
    area  = "business"
    when  = ["before_traffic"]

    http {
      target = "test_listener"
      path   = "/api/v1/cases"
    }
  }

  gate {
    name  = "dependencies"
    class = "integration"
    area  = "basic"
    when  = ["before_traffic"]

    http {
      target = "test_listener"
      path   = "/health/ready"
    }
  }

  # With 10 percent of the traffic, and with all of it. With too few requests it is not measured and earns no points.
  gate {
    name  = "errors"
    class = "performance"
    area  = "basic"
    when  = ["step", "bake"]

    metric {
      predefined       = "target_5xx_percent"
      success_when     = "<= 5"
      minimum_requests = 20
      no_data          = "pass"
    }
  }

  gate {
    name  = "latency"
    class = "performance"
    area  = "performance"
    when  = ["step", "bake"]

    metric {
      predefined       = "target_response_time_p95"
      success_when     = "<= 2"
      minimum_requests = 20
      no_data          = "pass"
    }
  }

  # At least 70 of 100 points, and nine in ten gates.
  health_score {
    minimum   = 70
    pass_rate = 90
  }

  # The report of the last deployment, for what runs after Terraform.
  report_path = "deployments/last.json"

  # Needed while tasks run, and not referred to above: the permission to move traffic and pull images, and the route.
  depends_on = [
    aws_iam_role_policy_attachment.infrastructure,
    aws_iam_role_policy_attachment.execution,
    aws_vpc_security_group_ingress_rule.load_balancer,
    aws_vpc_security_group_egress_rule.tasks,
  ]
}

resource "switchyard_scaling_policy_set" "api" {
  cluster      = aws_ecs_cluster.main.name
  service      = switchyard_blue_green_service.api.name
  min_capacity = var.capacity.min
  max_capacity = var.capacity.max

  target_tracking {
    name         = "cpu"
    metric       = "cpu"
    target_value = 70
  }

  target_tracking {
    name         = "memory"
    metric       = "memory"
    target_value = 80
  }
}

# Records what is live after each deployment. Ten snapshots are kept, for thirty days.
resource "switchyard_deployment_snapshot" "api" {
  cluster = aws_ecs_cluster.main.name
  service = switchyard_blue_green_service.api.name

  dynamic "bucket" {
    for_each = var.snapshot_bucket[*]

    content {
      name   = bucket.value
      prefix = "${var.name}/"
    }
  }

  triggers = {
    revision = switchyard_blue_green_service.api.task_definition
  }

  # The first snapshot should include its bounds and policies.
  depends_on = [switchyard_scaling_policy_set.api]
}
