# The same service in two regions: the first one must have served for half an hour before the second one follows. The gates of
# each service decide; if the second region fails, both go back.
resource "switchyard_service_group" "geocoder" {
  name                  = "geocoder"
  region_order          = keys(local.geocoders)
  pause_between_regions = "30m"

  dynamic "member" {
    for_each = local.geocoders

    content {
      name            = member.key
      service         = switchyard_blue_green_service.geocoder[member.key].arn
      task_definition = member.value

      checks = jsonencode({
        gate         = switchyard_blue_green_service.geocoder[member.key].gate
        health_score = switchyard_blue_green_service.geocoder[member.key].health_score
        deployment   = switchyard_blue_green_service.geocoder[member.key].deployment
      })
    }
  }
}

resource "switchyard_blue_green_service" "geocoder" {
  for_each              = local.geocoders
  region                = each.key
  name                  = "geocoder"
  cluster               = var.cluster
  task_definition       = each.value
  task_definition_owner = "external"
  desired_count         = 2
  launch_type           = "FARGATE"

  network_configuration {
    subnets = var.subnets
  }

  deployment {
    strategy = "rolling"
  }

  gate {
    name       = "healthy"
    when       = ["before_start", "after"]
    on_failure = "roll_back"

    dependency {
      service = "geocoder"
    }
  }
}

locals {
  geocoders = {
    "eu-west-1" = "geocoder:31"
    "us-west-2" = "geocoder:12"
  }
}
