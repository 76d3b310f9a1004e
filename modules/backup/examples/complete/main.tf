# A database, backed up every day and every month, with copies in a second region and a lock.

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

provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

variable "database_arn" {
  type        = string
  description = "With the database module: module.database.arn."
  default     = "arn:aws:rds:eu-west-1:123456789012:db:shop"
}

variable "topic_arn" {
  type        = string
  description = "Topic that hears of failures."
  default     = "arn:aws:sns:eu-west-1:123456789012:shop-critical"
}

resource "aws_backup_vault" "copies" {
  provider = aws.frankfurt

  name = "shop-copies"
}

module "backup" {
  source = "../.."

  name          = "shop"
  resource_arns = [var.database_arn]

  schedules = {
    hourly = { schedule = "cron(0 * * * ? *)", keep_days = 7 }
    yearly = { schedule = "cron(0 5 1 1 ? *)", keep_days = 3650 }
  }

  copy_to = { (aws_backup_vault.copies.arn) = 30 }
  lock    = { min_days = 7, max_days = 3650, changeable_for_days = 7 }

  notify           = true
  notify_topic_arn = var.topic_arn

  tags = { Environment = "production" }
}

output "restore" {
  description = "What a restore needs."
  value = {
    vault = module.backup.vault_name
    role  = module.backup.role_arn
  }
}
