# A small database for development: one instance, no standby, gone without a trace.

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

variable "vpc_id" {
  type        = string
  description = "VPC of the database."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets in two zones."
}

variable "client_security_group_ids" {
  type        = list(string)
  description = "Security groups of the services."
}

module "database" {
  source = "../.."

  name                      = "minimal"
  vpc_id                    = var.vpc_id
  subnet_ids                = var.subnet_ids
  client_security_group_ids = var.client_security_group_ids
  instance_class            = "db.t4g.micro"
  multi_az                  = false
  monitoring_interval       = 0
  performance_insights      = false
  deletion_protection       = false
  final_snapshot            = false
}

output "environment" {
  description = "For the services."
  value       = module.database.environment
}
