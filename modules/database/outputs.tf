locals {
  writer = try(coalesce(one(aws_db_instance.this[*].address), one(aws_rds_cluster.this[*].endpoint)), null)
}

output "identifier" {
  description = "Identifier of the instance or cluster."
  value       = var.create ? var.name : null
}

output "arn" {
  description = "ARN of the instance or cluster, for backups."
  value       = try(coalesce(one(aws_db_instance.this[*].arn), one(aws_rds_cluster.this[*].arn)), null)
}

output "resource_id" {
  description = "Id of the database that policies for logging in with IAM name (rds-db:connect)."
  value       = try(coalesce(one(aws_db_instance.this[*].resource_id), one(aws_rds_cluster.this[*].cluster_resource_id)), null)
}

output "instance_identifiers" {
  description = "Identifiers of the instances, for alarms and dashboards."
  value       = var.create ? concat(aws_db_instance.this[*].identifier, aws_rds_cluster_instance.this[*].identifier) : []
}

output "endpoint" {
  description = "Host name for reads and writes."
  value       = local.writer
}

output "reader_endpoint" {
  description = "Host name for reads only: of the replicas of a cluster; null without one."
  value       = one(aws_rds_cluster.this[*].reader_endpoint)
}

output "port" {
  description = "Port of the database."
  value       = var.create ? var.port : null
}

output "master_user_secret_arn" {
  description = "Secret with username and password of the master user."
  value       = local.secret_arn
}

output "environment" {
  description = "Environment variables of a service that connects: DB_HOST, DB_PORT, DB_NAME and DB_SSLMODE."
  value = var.create ? {
    DB_HOST    = local.writer
    DB_PORT    = tostring(var.port)
    DB_NAME    = coalesce(var.database_name, "postgres")
    DB_SSLMODE = "verify-full"
  } : {}
}

output "secrets" {
  description = "Secrets of a service that connects as the master user: DB_USERNAME and DB_PASSWORD, read from the secret when a task starts."
  value = var.create ? {
    DB_USERNAME = "${local.secret_arn}:username::"
    DB_PASSWORD = "${local.secret_arn}:password::"
  } : {}
}

output "security_group_id" {
  description = "Security group of the database, for more rules."
  value       = one(aws_security_group.this[*].id)
}
