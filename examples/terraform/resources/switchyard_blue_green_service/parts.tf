# What else a service can have: Service Connect, an EBS volume for each task, a second target group. Names and shapes are
# those of aws_ecs_service.
resource "switchyard_blue_green_service" "catalog" {
  name            = "catalog"
  cluster         = "main"
  task_definition = "catalog:3"
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = ["subnet-0a", "subnet-0b"]
  }

  load_balancer {
    container_name = "app"
    container_port = 8080
    target_groups  = [var.blue_target_group_arn]
  }

  additional_load_balancer {
    target_group_arn = var.green_target_group_arn
    container_name   = "app"
    container_port   = 8080
  }

  service_connect_configuration {
    enabled   = true
    namespace = "shop"

    service {
      port_name = "http"

      client_alias {
        dns_name = "catalog"
        port     = 80
      }
    }
  }

  volume_configuration {
    name = "data"

    managed_ebs_volume {
      role_arn   = "arn:aws:iam::123456789012:role/ecs-volumes"
      size_in_gb = 20
    }
  }

  deployment {
    strategy = "rolling"
  }
}
