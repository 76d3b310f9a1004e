# The same service under AWS CodeDeploy. The deployment group refers to the service, so its names are
# written here as text; the first deployment of that group is the first change after creation.
resource "switchyard_blue_green_service" "orders" {
  name            = "orders"
  cluster         = "main"
  task_definition = "orders:7"
  controller      = "codedeploy"

  # Application Auto Scaling decides the number of tasks; two is only the initial number.
  desired_count       = 2
  desired_count_owner = "autoscaler"

  network_configuration {
    subnets = ["subnet-0a", "subnet-0b"]
  }

  load_balancer {
    container_name = "app"
    container_port = 8080
    target_groups  = [var.blue_target_group_arn, var.green_target_group_arn]
  }

  deployment {
    strategy = "linear"

    linear {
      percent  = 10
      interval = "1m"
    }
  }

  codedeploy {
    application      = "shop"
    deployment_group = "orders"
  }
}
