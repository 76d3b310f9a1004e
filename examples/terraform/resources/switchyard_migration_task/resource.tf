# The schema of the database is brought up to date before a new revision starts.
resource "switchyard_migration_task" "schema" {
  name            = "checkout-schema"
  cluster         = var.cluster
  task_definition = var.task_definition
  container_name  = "app"
  dry_run         = ["alembic", "upgrade", "head", "--sql"]
  command         = ["alembic", "upgrade", "head"]
  down            = ["alembic", "downgrade", "-1"]
  launch_type     = "FARGATE"
  timeout         = "10m"
  require_tls     = true

  # Each new image migrates once.
  triggers = {
    image = var.image
  }

  network_configuration {
    subnets         = var.subnets
    security_groups = [var.database_client_security_group]
  }

  # A snapshot before anything is changed.
  backup {
    db_instance_identifier = var.database
  }
}

resource "switchyard_blue_green_service" "checkout" {
  name            = "checkout"
  cluster         = var.cluster
  task_definition = var.task_definition
  desired_count   = 3
  launch_type     = "FARGATE"

  network_configuration {
    subnets = var.subnets
  }

  deployment {
    strategy = "rolling"
  }

  # A migration that fails leaves the service as it is.
  before_traffic = [switchyard_migration_task.schema.id]
}

variable "cluster" {
  type = string
}

variable "task_definition" {
  type = string
}

variable "image" {
  type = string
}

variable "subnets" {
  type = set(string)
}

variable "database" {
  type = string
}

variable "database_client_security_group" {
  type = string
}
