terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
    switchyard = {
      source  = "switchyard/switchyard"
      version = ">= 0.1"
    }
  }
}

# Both refuse any other account, so that the settings of one environment never reach a different one.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}

provider "switchyard" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags = {
    Environment = var.environment
  }
}
