# An application with paths of its own, an API behind the same host, and a policy for its contents.

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
  description = "Certificate in us-east-1."
  default     = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
}

variable "content_security_policy" {
  type        = string
  description = "Where the pages may load from."
  default     = "default-src 'self'; img-src 'self' data:"
}

module "edge" {
  source = "../.."

  name                    = "shop-site"
  bucket_name             = "shop-site-0a1b2c"
  hosts                   = ["www.example.com", "example.com"]
  certificate_arn         = var.certificate_arn
  release_path            = "/releases/42"
  fallback_page           = "/index.html"
  content_security_policy = var.content_security_policy

  api_host  = "shop-1.eu-west-1.elb.amazonaws.com"
  api_paths = ["/api/*", "/login"]

  price_class      = "PriceClass_All"
  old_version_days = 90

  # Applies need not wait for the last edge location.
  wait_for_deployment = false

  tags = { Environment = "production" }
}

output "alias" {
  description = "For the dns module."
  value = {
    dns_name = module.edge.dns_name
    zone_id  = module.edge.zone_id
  }
}
