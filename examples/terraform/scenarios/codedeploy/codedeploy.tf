locals {
  application      = var.name
  deployment_group = var.name
}

resource "aws_codedeploy_app" "main" {
  name             = local.application
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "app" {
  app_name              = aws_codedeploy_app.main.name
  deployment_group_name = local.deployment_group
  service_role_arn      = aws_iam_role.codedeploy.arn

  # For deployments that others start. Those of `terraform apply` name their own configuration.
  deployment_config_name = "CodeDeployDefault.ECSCanary10Percent5Minutes"

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  # This reference puts the group after the service at creation and before it at destroy.
  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = switchyard_blue_green_service.app.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.production.arn]
      }

      test_traffic_route {
        listener_arns = [aws_lb_listener.test.arn]
      }

      target_group {
        name = aws_lb_target_group.pair["blue"].name
      }

      target_group {
        name = aws_lb_target_group.pair["green"].name
      }
    }
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.termination_wait_minutes
    }
  }

  # Without these a failed deployment leaves traffic where it is.
  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  alarm_configuration {
    enabled = true
    alarms  = [aws_cloudwatch_metric_alarm.errors.alarm_name]
  }

  depends_on = [aws_iam_role_policy_attachment.codedeploy]
}

# More than ten failed requests a minute, twice in a row.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "Stops deployments of ${var.name}."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  threshold           = 10
  comparison_operator = "GreaterThanThreshold"

  # No traffic means no data, which is not an error.
  treat_missing_data = "notBreaching"

  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
  }
}
