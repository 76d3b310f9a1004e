# Two services: a careful one with a configuration of its own, a hook, alarms and somebody's leave, and a plain one.

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

module "codedeploy" {
  source = "../.."

  name           = "shop"
  cluster_name   = "main"
  pass_role_arns = var.role_arns
  tags           = { Environment = "production" }

  custom_configs = {
    careful = { canary = { percent = 5, minutes = 30 } }
  }

  triggers = {
    chat = { topic_arn = var.topic_arn, events = ["DeploymentFailure", "DeploymentRollback"] }
  }

  services = {
    web = {
      service_name            = "web"
      target_group_names      = var.target_group_names["web"]
      production_listener_arn = var.listener_arns.production
      test_listener_arn       = var.listener_arns.test
      deployment_config       = "careful"
      alarms                  = [aws_cloudwatch_metric_alarm.errors.alarm_name]
      ready_wait_minutes      = 60
      termination_minutes     = 30
      hooks                   = { AfterAllowTestTraffic = var.check_function_arn }
    }

    orders = {
      service_name            = "orders"
      target_group_names      = var.target_group_names["orders"]
      production_listener_arn = var.listener_arns.production
      deployment_config       = "CodeDeployDefault.ECSCanary10Percent5Minutes"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "shop-errors"
  alarm_description   = "More than ten failed requests a minute, twice in a row."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"

  # No traffic, no data: that is not an error.
  treat_missing_data = "notBreaching"

  dimensions = { LoadBalancer = var.load_balancer_arn_suffix }
}
