# A service that `aws_ecs_service` managed before. Terraform passes its state on, and nothing changes in AWS.
moved {
  from = aws_ecs_service.profile
  to   = switchyard_blue_green_service.profile
}

resource "switchyard_blue_green_service" "profile" {
  name            = "profile"
  cluster         = "main"
  task_definition = "profile:5"
  desired_count   = 2
  launch_type     = "FARGATE"

  network_configuration {
    subnets = ["subnet-0a", "subnet-0b"]
  }

  deployment {
    strategy                = "rolling"
    maximum_percent         = 200
    minimum_healthy_percent = 100
  }
}
