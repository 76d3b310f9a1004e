output "apply_role_arn" {
  description = "Role for the job that runs `terraform apply`."
  value       = try(aws_iam_role.this["apply"].arn, null)
}

output "apply_role_name" {
  description = "Its name, to attach policies to."
  value       = try(aws_iam_role.this["apply"].name, null)
}

output "plan_role_arn" {
  description = "Role for jobs that only plan: pull requests, the nightly drift gate."
  value       = try(aws_iam_role.this["plan"].arn, null)
}

output "plan_role_name" {
  description = "Its name, to attach policies to."
  value       = try(aws_iam_role.this["plan"].name, null)
}

output "oidc_provider_arn" {
  description = "OIDC provider of the issuer, for other modules of the same account; null when nothing is created."
  value       = var.create ? local.oidc_provider_arn : null
}

output "subjects" {
  description = "By role, the subjects of tokens that may take it."
  value       = local.subjects
}

output "policies" {
  description = "By feature, the JSON of the policy, for roles that you create yourself."
  value       = { for feature, policy in module.policies.apply : feature => jsonencode(policy) }
}
