output "url" {
  description = "Where the load balancer answers. The certificate is for your own names: point them here."
  value       = "https://${module.alb.dns_name}/"
}

output "services" {
  description = "By service, what a blue/green service needs: target_group_arns, production_rule_arn, test_rule_arn."
  value       = module.alb.services
}

output "security_group_id" {
  description = "What the tasks let in."
  value       = module.alb.security_group_id
}
