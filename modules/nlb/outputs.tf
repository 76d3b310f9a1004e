output "arn" {
  description = "ARN of the load balancer."
  value       = one(aws_lb.this[*].arn)
}

output "arn_suffix" {
  description = "The part of the ARN that CloudWatch metrics have as dimension LoadBalancer."
  value       = one(aws_lb.this[*].arn_suffix)
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
  description = "Security group of the load balancer: allow it in the security groups of the tasks."
  value       = one(aws_security_group.this[*].id)
}

output "services" {
  description = "By service: target_group_arns, target_group_names and target_group_arn_suffixes of its pair, production_rule_arn, the ARN of its listener, test_rule_arn (null without a test listener), and health_check_port (null when it is the port of the task)."
  value = { for name in keys(local.services) : name => {
    target_group_arns         = [for side in ["a", "b"] : aws_lb_target_group.pair["${name}-${side}"].arn]
    target_group_names        = [for side in ["a", "b"] : aws_lb_target_group.pair["${name}-${side}"].name]
    target_group_arn_suffixes = [for side in ["a", "b"] : aws_lb_target_group.pair["${name}-${side}"].arn_suffix]
    production_rule_arn       = aws_lb_listener.production[name].arn
    test_rule_arn             = try(aws_lb_listener.test[name].arn, null)
    health_check_port         = local.services[name].health_check.port
  } }

  # Whoever serves behind it must be reachable from the first to the last moment.
  depends_on = [
    aws_vpc_security_group_ingress_rule.clients,
    aws_vpc_security_group_ingress_rule.testers,
    aws_vpc_security_group_egress_rule.targets,
  ]
}
