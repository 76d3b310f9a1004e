output "unhealthy_alarm_names" {
  description = "By service, the alarm that fires when one of its critical alarms does: for `deployment.alarms` of a service."
  value       = { for service, alarm in aws_cloudwatch_composite_alarm.unhealthy : service => alarm.alarm_name }
}

output "critical_alarm_names" {
  description = "By service, its critical alarms, those of what all services share included."
  value       = var.create ? local.critical : {}

  # Whoever names an alarm needs it to be there.
  depends_on = [aws_cloudwatch_metric_alarm.metric, aws_cloudwatch_metric_alarm.computed]
}

output "alarm_arns" {
  description = "ARN of every alarm by its name."
  value = merge(
    { for alarm in aws_cloudwatch_metric_alarm.metric : alarm.alarm_name => alarm.arn },
    { for alarm in aws_cloudwatch_metric_alarm.computed : alarm.alarm_name => alarm.arn },
    { for alarm in aws_cloudwatch_composite_alarm.unhealthy : alarm.alarm_name => alarm.arn },
  )
}

output "topic_arns" {
  description = "Topic of each severity: critical, warning and info."
  value       = { for severity, arn in local.topics : severity => arn if var.create }
}

output "dashboard_name" {
  description = "Name of the dashboard; null without one."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}

output "dashboard_body" {
  description = "JSON of the dashboard, to be merged into another; null when nothing is created."
  value       = var.create ? "{\"widgets\":[${join(",", local.widgets)}]}" : null
}

output "query_names" {
  description = "Saved queries of CloudWatch Logs Insights."
  value       = [for query in aws_cloudwatch_query_definition.this : query.name]
}

output "rule_arns" {
  description = "Rules of EventBridge by name."
  value       = { for name, rule in aws_cloudwatch_event_rule.this : name => rule.arn }
}
