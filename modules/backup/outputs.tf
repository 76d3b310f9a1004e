output "vault_name" {
  description = "Name of the vault, from which you restore."
  value       = one(aws_backup_vault.this[*].name)
}

output "vault_arn" {
  description = "ARN of the vault: what another region's module names in copy_to."
  value       = one(aws_backup_vault.this[*].arn)
}

output "plan_id" {
  description = "Id of the plan."
  value       = one(aws_backup_plan.this[*].id)
}

output "role_arn" {
  description = "Role of backups, which a restore needs too."
  value       = one(aws_iam_role.this[*].arn)
}
