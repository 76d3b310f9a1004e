# One provider block, the same service in two regions. Cluster, target groups, rules and task definition of a service are in
# its region.
resource "switchyard_blue_green_service" "geocoder" {
  for_each = {
    "eu-west-1" = { task_definition = "geocoder:31", subnets = ["subnet-0a", "subnet-0b"] }
    "us-west-2" = { task_definition = "geocoder:12", subnets = ["subnet-0c", "subnet-0d"] }
  }

  region          = each.key
  name            = "geocoder"
  cluster         = "main"
  task_definition = each.value.task_definition
  desired_count   = 4
  launch_type     = "FARGATE"

  network_configuration {
    subnets = each.value.subnets
  }

  deployment {
    strategy = "rolling"

    circuit_breaker {
      rollback = true
    }
  }
}
