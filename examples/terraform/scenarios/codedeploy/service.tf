resource "aws_ecs_cluster" "main" {
  name = var.name
}

resource "aws_ecs_task_definition" "app" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.execution.arn

  # A rollback needs the old revision, so Terraform must not deregister it.
  skip_destroy = true

  container_definitions = jsonencode([{
    name         = "app"
    image        = var.image
    essential    = true
    portMappings = [{ containerPort = 8080, protocol = "tcp" }]
  }])
}

resource "switchyard_blue_green_service" "app" {
  name            = var.name
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.app.arn
  controller      = "codedeploy"
  desired_count   = var.desired_count
  launch_type     = "FARGATE"
  on_cancel       = var.on_cancel

  network_configuration {
    subnets          = [for subnet in aws_subnet.public : subnet.id]
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = true
  }

  load_balancer {
    container_name = "app"
    container_port = 8080
    target_groups  = [for group in aws_lb_target_group.pair : group.arn]

    # The first tasks start where this listener forwards to; afterwards CodeDeploy decides.
    production_listener_rule = aws_lb_listener.production.arn
  }

  # 10 percent of the traffic for five minutes, then all of it: CodeDeployDefault.ECSCanary10Percent5Minutes.
  deployment {
    strategy = "canary"

    canary {
      percent  = 10
      interval = "5m"
    }
  }

  # Names, not references: the group refers to this service and is created after it.
  codedeploy {
    application      = local.application
    deployment_group = local.deployment_group
  }

  # Needed while tasks run, and not referred to above: listeners, because ECS accepts a target group only when it has
  # a load balancer, and the permission and the route to pull images.
  depends_on = [
    aws_lb_listener.production,
    aws_lb_listener.test,
    aws_iam_role_policy_attachment.execution,
    aws_route_table_association.public,
  ]
}
