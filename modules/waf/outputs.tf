output "arn" {
  description = "ARN of the web ACL: web_acl_arn of the edge module takes it."
  value       = one(aws_wafv2_web_acl.this[*].arn)
}

output "id" {
  description = "Id of the web ACL."
  value       = one(aws_wafv2_web_acl.this[*].id)
}

output "capacity" {
  description = "Capacity units that its rules use, of the 1500 that are in the price."
  value       = one(aws_wafv2_web_acl.this[*].capacity)
}

output "metric_name" {
  description = "The metric of the web ACL, in the namespace AWS/WAFV2."
  value       = var.create ? var.name : null
}

output "log_group_name" {
  description = "Log group of blocked requests; null without one."
  value       = one(aws_cloudwatch_log_group.this[*].name)
}
