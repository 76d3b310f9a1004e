# A service without a load balancer: CPU, memory, deployments and a dashboard.

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

module "monitoring" {
  source = "../.."

  name         = "worker"
  cluster_name = "main"
  services     = { worker = {} }
  emails       = { critical = ["team@example.com"] }
}

output "topic_arns" {
  description = "What else may subscribe."
  value       = module.monitoring.topic_arns
}
