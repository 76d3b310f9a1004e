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

provider "aws" {
  region = var.region
}

provider "switchyard" {
  region = var.region

  default_tags = {
    Environment = "production"
  }
}
