# A zone and a certificate for everything in it.

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

module "dns" {
  source = "../.."

  zone_name         = "example.com"
  certificate_names = ["*.example.com"]
}

output "name_servers" {
  description = "Where the domain must be delegated to."
  value       = module.dns.name_servers
}
