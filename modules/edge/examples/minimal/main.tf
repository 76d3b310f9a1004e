# A site at the name that CloudFront gives it.

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

module "edge" {
  source = "../.."

  name = "minimal-site"
}

output "url" {
  description = "Where the site answers."
  value       = "https://${module.edge.dns_name}/"
}
