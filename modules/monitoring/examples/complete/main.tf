# A shop of two services with a database and a cache. With the other modules, the arguments are module.alb.services,
# module.alb.arn_suffix, module.ecs.log_group_names, module.database.instance_identifiers and
# module.cache.member_cluster_ids.

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

resource "aws_cloudwatch_log_group" "services" {
  for_each = toset(["web", "orders"])

  name              = "/shop/${each.key}"
  retention_in_days = 30
}

module "monitoring" {
  source = "../.."

  name                     = "shop"
  cluster_name             = "shop"
  load_balancer_arn_suffix = "app/shop/0a1b2c3d4e5f6789"

  services = {
    web    = { target_group_arn_suffixes = ["targetgroup/shop-web-a/0a1b2c3d4e5f6781", "targetgroup/shop-web-b/0a1b2c3d4e5f6782"] }
    orders = { target_group_arn_suffixes = ["targetgroup/shop-orders-a/0a1b2c3d4e5f6783", "targetgroup/shop-orders-b/0a1b2c3d4e5f6784"] }
  }

  database_instances = ["shop-1", "shop-2"]
  cache_nodes        = ["shop-001"]
  log_group_names    = { for service, group in aws_cloudwatch_log_group.services : service => group.name }

  # The database takes 200 connections; slow answers of this shop are nobody's business at night.
  thresholds = {
    database_connections    = 180
    latency_seconds_warning = null
    cpu_percent             = 90
  }

  log_patterns = {
    errors   = "?ERROR ?FATAL"
    payments = "{ $.event = \"payment_failed\" }"
  }
  log_alarms = {
    payments = { severity = "critical", above = 10 }
    errors   = { severity = "warning", above = 50 }
  }

  codedeploy_application = "shop"

  emails = {
    warning = ["team@example.com"]
    info    = ["team@example.com", "releases@example.com"]
  }
  webhooks = { critical = ["https://pager.example.com/integration/0123/enqueue"] }

  tags = { Environment = "production" }
}

output "deployment_alarms" {
  description = "By service, what goes into deployment.alarms."
  value       = module.monitoring.unhealthy_alarm_names
}

output "dashboard" {
  description = "Where to look."
  value       = module.monitoring.dashboard_name
}
