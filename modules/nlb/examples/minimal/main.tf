# One service behind a Network Load Balancer, in a VPC that exists.

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
  description = "VPC of the load balancer."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Public subnets."
}

module "nlb" {
  source = "../.."

  name               = "minimal"
  vpc_id             = var.vpc_id
  subnet_ids         = var.subnet_ids
  target_cidr_blocks = ["10.0.0.0/16"]

  services = {
    broker = { port = 1883, listener_port = 1883 }
  }
}

output "broker" {
  description = "What a blue/green service needs: target_group_arns, production_rule_arn, test_rule_arn."
  value       = module.nlb.services["broker"]
}
