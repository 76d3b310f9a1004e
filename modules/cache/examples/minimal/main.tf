# One small node for development, with a password.

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
  description = "VPC of the cache."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the cache."
}

variable "client_security_group_ids" {
  type        = list(string)
  description = "Security groups of the services."
}

variable "auth_token" {
  type        = string
  description = "Password of the clients."
  sensitive   = true
}

module "cache" {
  source = "../.."

  name                      = "minimal"
  vpc_id                    = var.vpc_id
  subnet_ids                = var.subnet_ids
  client_security_group_ids = var.client_security_group_ids
  node_type                 = "cache.t4g.micro"
  replicas                  = 0
  auth_token                = var.auth_token
}

output "environment" {
  description = "For the services."
  value       = module.cache.environment
}
