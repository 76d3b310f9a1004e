locals {
  service       = { ClusterName = var.name, ServiceName = "api" }
  load_balancer = { LoadBalancer = module.alb.arn_suffix }

  # Critical alarms also stop a deployment. Warnings are for people: they may be unrelated to the new version.
  alarms = {
    unavailable = { severity = "critical", namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_503_Count", statistic = "Sum", threshold = 0, dimensions = local.load_balancer, what = "requests find no healthy task" }
    slow        = { severity = "critical", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "Average", threshold = 5, dimensions = local.load_balancer, what = "answers take more than 5 seconds" }
    sluggish    = { severity = "warning", namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "Average", threshold = 2, dimensions = local.load_balancer, what = "answers take more than 2 seconds" }
    cpu         = { severity = "warning", namespace = "AWS/ECS", metric = "CPUUtilization", statistic = "Average", threshold = 80, dimensions = local.service, what = "CPU is above 80 percent" }
    memory      = { severity = "warning", namespace = "AWS/ECS", metric = "MemoryUtilization", statistic = "Average", threshold = 85, dimensions = local.service, what = "memory is above 85 percent" }
  }

  critical_alarms = concat(
    [for name, alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name if local.alarms[name].severity == "critical"],
    [aws_cloudwatch_metric_alarm.errors["critical"].alarm_name],
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.severity}: ${each.value.what}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  period              = 60
  evaluation_periods  = each.value.severity == "critical" ? 1 : 5
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.alerts[each.value.severity].arn]
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = { critical = 10, warning = 5 }

  alarm_name          = "${var.name}-errors-${each.key}"
  alarm_description   = "${each.key}: more than ${each.value} percent of the answers are errors."
  evaluation_periods  = each.key == "critical" ? 1 : 5
  threshold           = each.value
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alerts[each.key].arn]
  ok_actions          = [aws_sns_topic.alerts[each.key].arn]

  # A share of few requests says nothing; the requests of the smoke test are among them.
  metric_query {
    id          = "percent"
    expression  = "IF(requests >= 100, 100 * errors / requests, 0)"
    label       = "Errors in percent"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { errors = "HTTPCode_Target_5XX_Count", requests = "RequestCount" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        dimensions  = local.load_balancer
        stat        = "Sum"
        period      = 60
      }
    }
  }
}

# Subscribe the pager to one and the chat room to the other.
resource "aws_sns_topic" "alerts" {
  for_each = toset(["critical", "warning"])

  name = "${var.name}-${each.key}"
}

resource "aws_cloudwatch_dashboard" "service" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [for index, graph in [
      { title = "Requests", metrics = [["AWS/ApplicationELB", "RequestCount", "LoadBalancer", module.alb.arn_suffix]], stat = "Sum" },
      { title = "Errors", metrics = [["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", module.alb.arn_suffix]], stat = "Sum" },
      { title = "Response time", metrics = [["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", module.alb.arn_suffix]], stat = "p95" },
      { title = "CPU and memory", metrics = [for metric in ["CPUUtilization", "MemoryUtilization"] : ["AWS/ECS", metric, "ClusterName", var.name, "ServiceName", "api"]], stat = "Average" },
      ] : {
      type       = "metric"
      x          = index % 2 * 12
      y          = floor(index / 2) * 6
      width      = 12
      height     = 6
      properties = { title = graph.title, region = var.region, view = "timeSeries", stat = graph.stat, period = 60, metrics = graph.metrics }
    }]
  })
}
