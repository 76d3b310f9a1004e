# While one of these fires, deployments are rolled back.

resource "aws_cloudwatch_metric_alarm" "busy" {
  for_each = { cpu = "CPUUtilization", memory = "MemoryUtilization" }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.key} above ${var.limits.busy_percent} percent for two minutes."
  namespace           = "AWS/ECS"
  metric_name         = each.value
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 2
  threshold           = var.limits.busy_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = aws_sns_topic.alerts[*].arn
  ok_actions          = aws_sns_topic.alerts[*].arn

  dimensions = { ClusterName = var.name, ServiceName = "backend" }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.name}-errors"
  alarm_description   = "More than ${var.limits.errors_per_minute} failed requests a minute, twice in a row."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 2
  threshold           = var.limits.errors_per_minute
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = aws_sns_topic.alerts[*].arn
  ok_actions          = aws_sns_topic.alerts[*].arn

  # Both sides of the pair: the shop is alone behind its load balancer.
  dimensions = { LoadBalancer = module.alb.arn_suffix }
}

# --- Notifications ---

resource "aws_sns_topic" "alerts" {
  count = var.alert_email == null ? 0 : 1

  name = "${var.name}-alerts"
}

# AWS asks the address to confirm the subscription, and sends nothing before that.
resource "aws_sns_topic_subscription" "alerts" {
  count = var.alert_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alerts[0].arn
  protocol  = "email"
  endpoint  = var.alert_email
}
