# Aurora for production: a writer and two readers in subnets of their own.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

variable "deletion_protection" {
  type        = bool
  description = "Off in the apply before a destroy."
  default     = true
}

module "vpc" {
  source = "../../../vpc"

  name               = "shop"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
  nat_gateways       = "none"
}

# Stands for the tasks; with the ecs module it is module.ecs.task_security_group_id.
resource "aws_security_group" "tasks" {
  name        = "shop-tasks"
  description = "Tasks of the shop."
  vpc_id      = module.vpc.vpc_id
}

module "database" {
  source = "../.."

  name                      = "shop"
  engine                    = "aurora-postgresql"
  engine_version            = "16.4"
  instance_class            = "db.r8g.large"
  instance_count            = 3
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.database_subnet_ids
  client_security_group_ids = [aws_security_group.tasks.id]

  database_name          = "shop"
  password_rotation_days = 30
  backup_retention_days  = 35
  deletion_protection    = var.deletion_protection

  # Queries of more than half a second are logged.
  parameters = { log_min_duration_statement = "500" }

  tags = { Environment = "production" }
}

output "endpoints" {
  description = "Where to write and where to read."
  value = {
    writes = module.database.endpoint
    reads  = module.database.reader_endpoint
  }
}

output "secret_arn" {
  description = "Where the password is."
  value       = module.database.master_user_secret_arn
}
