# Users and payments are deployed at the same time, then bookings, then the gateway. If one of them fails, all go back.
resource "switchyard_service_group" "booking" {
  name                = "event-booking"
  pause_between_waves = "5m"

  member {
    name            = "users"
    service         = switchyard_blue_green_service.users.arn
    task_definition = var.users_task_definition
  }

  member {
    name            = "payments"
    service         = var.payments_service
    task_definition = var.payments_task_definition
  }

  member {
    name            = "bookings"
    service         = var.bookings_service
    task_definition = var.bookings_task_definition
    after           = ["users", "payments"]
  }

  member {
    name            = "gateway"
    service         = var.gateway_service
    task_definition = var.gateway_task_definition
    after           = ["bookings"]
  }
}

# The group deploys: the service starts with a task definition, and follows what is live.
resource "switchyard_blue_green_service" "users" {
  name                  = "users"
  cluster               = var.cluster
  task_definition       = var.users_task_definition
  task_definition_owner = "external"
  desired_count         = 2
  launch_type           = "FARGATE"

  network_configuration {
    subnets = var.subnets
  }

  deployment {
    strategy = "rolling"
  }
}

variable "cluster" {
  type = string
}

variable "subnets" {
  type = set(string)
}

variable "payments_service" {
  type = string
}

variable "bookings_service" {
  type = string
}

variable "gateway_service" {
  type = string
}

variable "users_task_definition" {
  type = string
}

variable "payments_task_definition" {
  type = string
}

variable "bookings_task_definition" {
  type = string
}

variable "gateway_task_definition" {
  type = string
}
