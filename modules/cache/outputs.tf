locals {
  host = try(coalesce(
    local.clustered ? one(aws_elasticache_replication_group.this[*].configuration_endpoint_address) : one(aws_elasticache_replication_group.this[*].primary_endpoint_address),
  ), null)
}

output "id" {
  description = "Id of the cache."
  value       = one(aws_elasticache_replication_group.this[*].replication_group_id)
}

output "arn" {
  description = "ARN of the cache."
  value       = one(aws_elasticache_replication_group.this[*].arn)
}

output "endpoint" {
  description = "Host name: of the primary node, with several shards the configuration endpoint."
  value       = local.host
}

output "reader_endpoint" {
  description = "Host name for reads only; null with several shards."
  value       = local.clustered ? null : one(aws_elasticache_replication_group.this[*].reader_endpoint_address)
}

output "member_cluster_ids" {
  description = "Ids of the nodes, for alarms and dashboards."
  value       = var.create ? local.nodes : []
}

output "environment" {
  description = "Environment variables of a service that connects: REDIS_HOST, REDIS_PORT and REDIS_TLS."
  value = var.create ? {
    REDIS_HOST = local.host
    REDIS_PORT = "6379"
    REDIS_TLS  = "true"
  } : {}
}

output "connect_resources" {
  description = "By user of IAM, what a policy that allows elasticache:Connect names as its resources."
  value = { for name, user in aws_elasticache_user.iam : name => [
    "arn:${data.aws_partition.current.partition}:elasticache:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:replicationgroup:${var.name}",
    user.arn,
  ] }
}

output "security_group_id" {
  description = "Security group of the cache, for more rules."
  value       = one(aws_security_group.this[*].id)
}
