output "arn" {
  description = "ARN of the load balancer."
  value       = one(aws_lb.this[*].arn)
}

output "arn_suffix" {
  description = "The part of the ARN that CloudWatch metrics have as dimension LoadBalancer."
  value       = one(aws_lb.this[*].arn_suffix)
}

output "name" {
  description = "Name of the load balancer."
  value       = one(aws_lb.this[*].name)
}

output "dns_name" {
  description = "DNS name of the load balancer: the target of an alias record."
  value       = one(aws_lb.this[*].dns_name)
}

output "zone_id" {
  description = "Hosted zone of dns_name, which an alias record also needs."
  value       = one(aws_lb.this[*].zone_id)
}

output "security_group_id" {
  description = "Security group of the load balancer: allow it in the security groups of the tasks. Without one of its own, the first of `security_group_ids`."
  value       = var.create ? try(concat(aws_security_group.this[*].id, var.security_group_ids)[0], null) : null
}

output "http_listener_arn" {
  description = "ARN of the listener on port 80: it redirects to HTTPS, or is production with `https = false`."
  value       = one(concat(aws_lb_listener.redirect[*].arn, aws_lb_listener.http[*].arn))
}

output "https_listener_arn" {
  description = "ARN of the HTTPS listener; null with `https = false`."
  value       = one(aws_lb_listener.https[*].arn)
}

output "production_listener_arn" {
  description = "ARN of the production listener, HTTPS or HTTP."
  value       = local.production_listener_arn
}

output "test_listener_arn" {
  description = "ARN of the test listener; null without one."
  value       = one([for listener in aws_lb_listener.test : listener.arn])
}

output "services" {
  description = "By service: target_group_arns, target_group_names and target_group_arn_suffixes of its pair, production_rule_arn, test_rule_arn (null without a test listener), and health_check_port (null when it is the port of the task)."
  value = { for name in keys(local.services) : name => {
    target_group_arns         = [aws_lb_target_group.pair["${name}-a"].arn, aws_lb_target_group.pair["${name}-b"].arn]
    target_group_names        = [aws_lb_target_group.pair["${name}-a"].name, aws_lb_target_group.pair["${name}-b"].name]
    target_group_arn_suffixes = [aws_lb_target_group.pair["${name}-a"].arn_suffix, aws_lb_target_group.pair["${name}-b"].arn_suffix]
    production_rule_arn       = switchyard_listener_rule.production[name].arn
    test_rule_arn             = var.test_listener == null ? null : switchyard_listener_rule.test[name].arn
    health_check_port         = local.services[name].health_check.port
  } }

  # Whoever serves behind it must be reachable from the first to the last moment, and gates ask the test listener.
  depends_on = [
    aws_vpc_security_group_ingress_rule.https,
    aws_vpc_security_group_ingress_rule.test,
    aws_vpc_security_group_egress_rule.targets,
  ]
}
