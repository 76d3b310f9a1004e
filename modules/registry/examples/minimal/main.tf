# One repository with immutable tags, scans and lifecycle rules.

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

module "registry" {
  source = "../.."

  repository_names = ["web"]
}

output "url" {
  description = "What images are pushed to."
  value       = module.registry.repository_urls["web"]
}
