# Everything that is tagged for it, every day and every month.

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

module "backup" {
  source = "../.."

  name           = "minimal"
  selection_tags = { Backup = "daily" }
}
