locals {
  load_balancer = { LoadBalancer = module.alb.arn_suffix }

  # What users notice, on both sides together. Each stops a deployment, and notifies people at any other time.
  alarms = {
    errors  = { metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", threshold = 10, what = "more than 10 failed requests a minute" }
    latency = { metric = "TargetResponseTime", percentile = "p95", threshold = 2, what = "one request in twenty takes more than 2 seconds" }
  }
}

resource "aws_cloudwatch_metric_alarm" "users" {
  for_each = { for name, alarm in local.alarms : name => alarm if local.watched }

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = "For two minutes, ${each.value.what}."
  namespace           = "AWS/ApplicationELB"
  metric_name         = each.value.metric
  dimensions          = local.load_balancer
  statistic           = try(each.value.statistic, null)
  extended_statistic  = try(each.value.percentile, null)
  period              = 60
  evaluation_periods  = 2
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [for topic in aws_sns_topic.alerts : topic.arn]
  ok_actions          = [for topic in aws_sns_topic.alerts : topic.arn]

  tags = { Environment = var.environment }
}

# Pagers, chat rooms and mailboxes subscribe to it.
resource "aws_sns_topic" "alerts" {
  count = local.watched ? 1 : 0

  name = "${local.name}-alerts"

  tags = { Environment = var.environment }
}

# Requests by side: the picture of a deployment.
resource "aws_cloudwatch_dashboard" "app" {
  count = local.watched ? 1 : 0

  dashboard_name = local.name

  dashboard_body = jsonencode({
    widgets = [for row, graph in [
      { title = "Requests by side", metric = "RequestCount", statistic = "Sum", stacked = true },
      { title = "Failed requests by side", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", stacked = true },
      { title = "Response time (p95) by side", metric = "TargetResponseTime", statistic = "p95", stacked = false },
      { title = "Healthy tasks by side", metric = "HealthyHostCount", statistic = "Minimum", stacked = true },
      ] : {
      type   = "metric"
      x      = row % 2 * 12
      y      = floor(row / 2) * 6
      width  = 12
      height = 6
      properties = {
        title   = graph.title
        region  = var.region
        view    = "timeSeries"
        stacked = graph.stacked
        stat    = graph.statistic
        period  = 60
        metrics = [for side in module.alb.services["app"].target_group_arn_suffixes : ["AWS/ApplicationELB", graph.metric, "TargetGroup", side, "LoadBalancer", module.alb.arn_suffix]]
      }
    }]
  })
}
