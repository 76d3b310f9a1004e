# The rule groups of AWS and a rate limit in front of a load balancer.

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

variable "load_balancer_arn" {
  type        = string
  description = "Load balancer that is protected."
}

module "waf" {
  source = "../.."

  name          = "minimal"
  resource_arns = [var.load_balancer_arn]
}
