# A cluster with one worker, in subnets that exist.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
    switchyard = {
      source  = "switchyard/switchyard"
      version = ">= 0.1"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "switchyard" {
  region = "eu-west-1"
}

variable "vpc_id" {
  type        = string
  description = "VPC of the tasks; `vpc_id` of terraform-aws-modules/vpc fits."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets of the tasks; `private_subnets` of terraform-aws-modules/vpc fits."
}

module "ecs" {
  source = "../.."

  name       = "jobs"
  vpc_id     = var.vpc_id
  subnet_ids = var.subnet_ids

  services = {
    worker = { image = "jobs:v1" }
  }
}
