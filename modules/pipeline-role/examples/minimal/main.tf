# Jobs of one repository: those of main apply, those of pull requests plan.

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

module "pipeline_role" {
  source = "../.."

  name         = "shop"
  ci           = "github"
  repository   = "acme/shop"
  cluster_name = "shop"
}

output "role_arns" {
  description = "What the workflows name as role-to-assume."
  value = {
    apply = module.pipeline_role.apply_role_arn
    plan  = module.pipeline_role.plan_role_arn
  }
}
