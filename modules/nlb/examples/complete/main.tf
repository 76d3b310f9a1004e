# A broker with TLS and a test listener, and a name server over UDP, in a VPC of their own.

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

variable "certificate_arn" {
  type        = string
  description = "Certificate of the broker, in ACM."
}

module "vpc" {
  source = "../../../vpc"

  name               = "brokers"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
  nat_gateways       = "one"
}

module "nlb" {
  source = "../.."

  name               = "brokers"
  vpc_id             = module.vpc.vpc_id
  subnet_ids         = module.vpc.public_subnet_ids
  target_cidr_blocks = module.vpc.app_subnet_cidr_blocks
  tester_cidr_blocks = ["10.0.0.0/16"]

  services = {
    # Clients use TLS, the tasks do not. Old connections end when a task leaves.
    broker = {
      port                   = 1883
      listener_port          = 8883
      test_listener_port     = 18883
      protocol               = "TLS"
      certificate_arn        = var.certificate_arn
      connection_termination = true
      deregistration_delay   = 60
    }

    # Health checks need a port of TCP.
    names = {
      port          = 53
      listener_port = 53
      protocol      = "UDP"
      health_check  = { protocol = "HTTP", port = 8080, path = "/health" }
    }
  }

  tags = { Environment = "production" }
}

output "services" {
  description = "Each service's target groups and listeners."
  value       = module.nlb.services
}
