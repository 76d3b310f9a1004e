output "zone_id" {
  description = "Id of the hosted zone."
  value       = local.zone_id
}

output "name_servers" {
  description = "Name servers to which the domain must be delegated where it is registered; empty when the zone existed."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}

output "hosts" {
  description = "By key of aliases and failover, the host name."
  value       = var.create ? local.hosts : {}
}

output "certificate_arn" {
  description = "ARN of the certificate, known when it is validated, unless the apply does not wait for that; null without one."
  value       = var.wait_for_certificate ? one(aws_acm_certificate_validation.this[*].certificate_arn) : one(aws_acm_certificate.this[*].arn)
}

output "health_check_ids" {
  description = "By key of failover, the health check of the primary place."
  value       = { for key, check in aws_route53_health_check.primary : key => check.id }
}
