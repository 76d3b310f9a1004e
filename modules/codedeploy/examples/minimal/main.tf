# A deployment group for one service that exists.

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

variable "listener_arn" {
  type        = string
  description = "Production listener of the load balancer."
}

variable "role_arns" {
  type        = list(string)
  description = "Execution and task role of the service."
}

module "codedeploy" {
  source = "../.."

  name           = "shop"
  cluster_name   = "main"
  pass_role_arns = var.role_arns

  services = {
    web = {
      service_name            = "web"
      target_group_names      = ["web-a", "web-b"]
      production_listener_arn = var.listener_arn
    }
  }
}
