output "web" {
  description = "What a blue/green service needs: target_group_arns, production_rule_arn, test_rule_arn."
  value       = module.alb.services["web"]
}
