# Repositories of a shop whose staging account pulls too. Releases are kept apart from what every commit pushes.

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

variable "kms_key_arn" {
  type        = string
  description = "KMS key of the images."
  default     = "arn:aws:kms:eu-west-1:123456789012:key/0b0c0d0e-1111-2222-3333-444455556666"
}

module "registry" {
  source = "../.."

  repository_names       = ["shop/web", "shop/orders", "shop/migrations"]
  kms_key_arn            = var.kms_key_arn
  keep_images            = 50
  untagged_days          = 3
  protected_tag_prefixes = ["release-", "v"]
  keep_protected_images  = 200
  pull_account_ids       = ["210987654321"]

  tags = { Environment = "shared" }
}

output "urls" {
  description = "What images are pushed to, by repository."
  value       = module.registry.repository_urls
}
