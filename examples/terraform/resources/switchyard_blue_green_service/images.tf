# The pipeline supplies only an image: the provider puts it into the task definition that is named here and registers
# the result. The same image is not a change.
resource "switchyard_blue_green_service" "catalogue" {
  name                  = "catalogue"
  cluster               = "main"
  task_definition_owner = "images"
  task_definition       = "catalogue:3"
  images                = { app = var.catalogue_image }
  revision_retention    = 10
  desired_count         = 2
  launch_type           = "FARGATE"

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
    strategy  = "all_at_once"
    bake_time = "10m"
  }
}

variable "catalogue_image" {
  type        = string
  description = "Image with its digest, repository@sha256:…."
}
