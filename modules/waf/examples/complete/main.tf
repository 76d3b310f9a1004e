# Limits for the login, uploads that may be large, and a monitoring system that is never blocked.

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

variable "load_balancer_arns" {
  type        = list(string)
  description = "Load balancers that are protected."
  default     = []
}

module "waf" {
  source = "../.."

  name          = "shop"
  resource_arns = var.load_balancer_arns

  rate_limit = 5000
  rate_limits = {
    "/login"          = 50
    "/password-reset" = 20
  }

  counted_rules = {
    AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"]
  }

  allowed_cidr_blocks = ["192.0.2.0/28"]
  blocked_cidr_blocks = ["198.51.100.0/24", "203.0.113.7/32"]
  blocked_countries   = ["KP"]
  log_retention_days  = 90

  tags = { Environment = "production" }
}

output "arn" {
  description = "ARN of the web ACL."
  value       = module.waf.arn
}
