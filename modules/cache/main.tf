data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  version = coalesce(var.engine_version, var.engine == "valkey" ? "8.0" : "7.1")
  major   = split(".", local.version)[0]
  family  = "${var.engine}${local.major}"

  clustered = var.shards > 1
  users     = var.create ? var.iam_users : []

  # ElastiCache makes these ids; alarms need them before the cache is there.
  nodes = local.clustered ? flatten([
    for shard in range(1, var.shards + 1) : [for node in range(1, var.replicas + 2) : format("%s-%04d-%03d", var.name, shard, node)]
  ]) : [for node in range(1, var.replicas + 2) : format("%s-%03d", var.name, node)]

  parameters = merge(var.parameters, local.clustered ? { cluster-enabled = "yes" } : {})
}

resource "aws_elasticache_subnet_group" "this" {
  count = var.create ? 1 : 0

  name        = var.name
  description = "Subnets of the cache ${var.name}."
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

# --- Who may connect ---

resource "aws_security_group" "this" {
  count = var.create ? 1 : 0

  name        = "${var.name}-cache"
  description = "Who may connect to the cache ${var.name}."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-cache" })
}

# By number, because ids of groups made in the same apply are not known in time to be keys.
resource "aws_vpc_security_group_ingress_rule" "clients" {
  count = var.create ? length(var.client_security_group_ids) : 0

  security_group_id            = aws_security_group.this[0].id
  referenced_security_group_id = var.client_security_group_ids[count.index]
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
  tags                         = var.tags
}

# --- Users ---

resource "aws_elasticache_user" "iam" {
  for_each = toset(local.users)

  # Of users of IAM, id and name are the same.
  user_id       = "${var.name}-${each.key}"
  user_name     = "${var.name}-${each.key}"
  engine        = var.engine
  access_string = var.access_string

  authentication_mode {
    type = "iam"
  }

  tags = var.tags
}

# Redis demands that a group has a user called default. This one may do nothing.
resource "aws_elasticache_user" "default" {
  count = length(local.users) > 0 && var.engine == "redis" ? 1 : 0

  user_id       = "${var.name}-default"
  user_name     = "default"
  engine        = "redis"
  access_string = "off ~* -@all"

  authentication_mode {
    type = "no-password-required"
  }

  tags = var.tags
}

resource "aws_elasticache_user_group" "this" {
  count = length(local.users) > 0 ? 1 : 0

  user_group_id = var.name
  engine        = var.engine
  user_ids      = concat(aws_elasticache_user.default[*].user_id, [for user in aws_elasticache_user.iam : user.user_id])

  tags = var.tags
}

# --- The cache ---

resource "aws_elasticache_parameter_group" "this" {
  count = var.create ? 1 : 0

  # Another family needs a group of its own, which must exist before the old one goes.
  name        = "${var.name}-${local.family}"
  family      = local.family
  description = "Parameters of the cache ${var.name}."

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "slow" {
  count = var.create && var.slow_log_retention_days > 0 ? 1 : 0

  name              = "/elasticache/${var.name}/slow"
  retention_in_days = var.slow_log_retention_days
  tags              = var.tags
}

resource "aws_elasticache_replication_group" "this" {
  count = var.create ? 1 : 0

  replication_group_id = var.name
  description          = "Cache ${var.name}."
  engine               = var.engine
  engine_version       = local.version
  node_type            = var.node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.this[0].name

  num_cache_clusters         = local.clustered ? null : var.replicas + 1
  num_node_groups            = local.clustered ? var.shards : null
  replicas_per_node_group    = local.clustered ? var.replicas : null
  automatic_failover_enabled = local.clustered || var.replicas > 0
  multi_az_enabled           = var.replicas > 0

  subnet_group_name  = aws_elasticache_subnet_group.this[0].name
  security_group_ids = [aws_security_group.this[0].id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token                 = var.auth_token
  auth_token_update_strategy = var.auth_token == null ? null : "ROTATE"
  user_group_ids             = length(local.users) > 0 ? [aws_elasticache_user_group.this[0].user_group_id] : null

  snapshot_retention_limit   = var.snapshot_retention_days
  snapshot_window            = var.snapshot_window
  maintenance_window         = var.maintenance_window
  auto_minor_version_upgrade = true
  apply_immediately          = var.apply_immediately

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.slow

    content {
      destination      = log_delivery_configuration.value.name
      destination_type = "cloudwatch-logs"
      log_format       = "json"
      log_type         = "slow-log"
    }
  }

  tags = var.tags
}
