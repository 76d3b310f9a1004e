# Three shards with a replica each; two services log in as themselves.

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

module "cache" {
  source = "../.."

  name                      = "shop"
  engine                    = "valkey"
  engine_version            = "8.0"
  node_type                 = "cache.r7g.large"
  shards                    = 3
  replicas                  = 1
  vpc_id                    = var.vpc_id
  subnet_ids                = var.subnet_ids
  client_security_group_ids = var.client_security_group_ids

  iam_users               = ["web", "orders"]
  parameters              = { maxmemory-policy = "allkeys-lru" }
  snapshot_retention_days = 7

  tags = { Environment = "production" }
}

output "connect_resources" {
  description = "For the policies of the task roles."
  value       = module.cache.connect_resources
}

output "nodes" {
  description = "For alarms."
  value       = module.cache.member_cluster_ids
}
