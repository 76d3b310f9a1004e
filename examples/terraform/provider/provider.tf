terraform {
  required_providers {
    switchyard = {
      source  = "switchyard/switchyard"
      version = ">= 0.1"
    }
  }
}

# Credentials come from the environment, the shared configuration files or the machine's role.
provider "switchyard" {
  region              = "eu-west-1"
  allowed_account_ids = ["123456789012"]

  default_tags = {
    Team = "checkout"
  }

  # Each deployment is measured in CloudWatch.
  deployment_metrics {}

  # Written by a cost tool: never read, changed or removed.
  ignore_tags {
    keys         = ["CostCenter"]
    key_prefixes = ["finops:"]
  }
}
