data "aws_partition" "current" {}

locals {
  instance = var.create && var.engine == "postgres" ? 1 : 0
  cluster  = var.create && var.engine == "aurora-postgresql" ? 1 : 0
  major    = split(".", var.engine_version)[0]

  parameters = merge(var.parameters, { "rds.force_ssl" = "1" })

  # What PostgreSQL reads only when it starts. RDS refuses to apply these at once.
  static = ["max_connections", "shared_buffers", "shared_preload_libraries", "wal_level", "max_wal_senders", "max_replication_slots", "max_worker_processes", "rds.logical_replication", "track_activity_query_size", "huge_pages"]
}

resource "aws_db_subnet_group" "this" {
  count = var.create ? 1 : 0

  name        = var.name
  description = "Subnets of the database ${var.name}."
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

# --- Who may connect ---

resource "aws_security_group" "this" {
  count = var.create ? 1 : 0

  name        = "${var.name}-database"
  description = "Who may connect to the database ${var.name}."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-database" })
}

# By number, because ids of groups made in the same apply are not known in time to be keys.
resource "aws_vpc_security_group_ingress_rule" "clients" {
  count = var.create ? length(var.client_security_group_ids) : 0

  security_group_id            = aws_security_group.this[0].id
  referenced_security_group_id = var.client_security_group_ids[count.index]
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  tags                         = var.tags
}

# --- TLS is required, here and nowhere else ---

resource "aws_db_parameter_group" "this" {
  count = local.instance

  # A new major version needs a group of its own, which must exist before the old one goes.
  name        = "${var.name}-postgres${local.major}"
  family      = "postgres${local.major}"
  description = "Parameters of the database ${var.name}."

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.static, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_rds_cluster_parameter_group" "this" {
  count = local.cluster

  name        = "${var.name}-aurora-postgresql${local.major}"
  family      = "aurora-postgresql${local.major}"
  description = "Parameters of the database ${var.name}."

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = contains(local.static, parameter.key) ? "pending-reboot" : "immediate"
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

# --- PostgreSQL of RDS ---

resource "aws_db_instance" "this" {
  count = local.instance

  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  multi_az       = var.multi_az

  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_name                             = var.snapshot_identifier == null ? var.database_name : null
  snapshot_identifier                 = var.snapshot_identifier
  username                            = var.snapshot_identifier == null ? var.username : null
  manage_master_user_password         = true
  iam_database_authentication_enabled = var.iam_authentication
  port                                = var.port
  parameter_group_name                = aws_db_parameter_group.this[0].name
  db_subnet_group_name                = aws_db_subnet_group.this[0].name
  vpc_security_group_ids              = [aws_security_group.this[0].id]
  publicly_accessible                 = false

  backup_retention_period   = var.backup_retention_days
  backup_window             = var.backup_window
  maintenance_window        = var.maintenance_window
  copy_tags_to_snapshot     = true
  delete_automated_backups  = false
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.final_snapshot
  final_snapshot_identifier = var.final_snapshot ? "${var.name}-final" : null

  monitoring_interval             = var.monitoring_interval
  monitoring_role_arn             = one(aws_iam_role.monitoring[*].arn)
  performance_insights_enabled    = var.performance_insights
  performance_insights_kms_key_id = var.performance_insights ? var.kms_key_arn : null
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  auto_minor_version_upgrade      = true
  allow_major_version_upgrade     = true
  apply_immediately               = var.apply_immediately

  tags = var.tags

  lifecycle {
    # What it was made from does not matter to a database that exists.
    ignore_changes = [snapshot_identifier]
  }
}

# --- Aurora ---

resource "aws_rds_cluster" "this" {
  count = local.cluster

  cluster_identifier = var.name
  engine             = "aurora-postgresql"
  engine_version     = var.engine_version
  storage_encrypted  = true
  kms_key_id         = var.kms_key_arn

  database_name                       = var.snapshot_identifier == null ? var.database_name : null
  snapshot_identifier                 = var.snapshot_identifier
  master_username                     = var.snapshot_identifier == null ? var.username : null
  manage_master_user_password         = true
  iam_database_authentication_enabled = var.iam_authentication
  port                                = var.port
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.this[0].name
  db_subnet_group_name                = aws_db_subnet_group.this[0].name
  vpc_security_group_ids              = [aws_security_group.this[0].id]

  backup_retention_period         = var.backup_retention_days
  preferred_backup_window         = var.backup_window
  preferred_maintenance_window    = var.maintenance_window
  copy_tags_to_snapshot           = true
  deletion_protection             = var.deletion_protection
  skip_final_snapshot             = !var.final_snapshot
  final_snapshot_identifier       = var.final_snapshot ? "${var.name}-final" : null
  enabled_cloudwatch_logs_exports = ["postgresql"]
  allow_major_version_upgrade     = true
  apply_immediately               = var.apply_immediately

  tags = var.tags

  lifecycle {
    # What it was made from does not matter to a database that exists.
    ignore_changes = [snapshot_identifier]
  }
}

resource "aws_rds_cluster_instance" "this" {
  count = local.cluster * var.instance_count

  identifier         = "${var.name}-${count.index + 1}"
  cluster_identifier = aws_rds_cluster.this[0].id
  engine             = aws_rds_cluster.this[0].engine
  engine_version     = aws_rds_cluster.this[0].engine_version
  instance_class     = var.instance_class

  db_subnet_group_name = aws_db_subnet_group.this[0].name
  publicly_accessible  = false
  # The second one takes the place of the first, and the others follow in their order.
  promotion_tier               = min(count.index, 15)
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true

  monitoring_interval             = var.monitoring_interval
  monitoring_role_arn             = one(aws_iam_role.monitoring[*].arn)
  performance_insights_enabled    = var.performance_insights
  performance_insights_kms_key_id = var.performance_insights ? var.kms_key_arn : null
  auto_minor_version_upgrade      = true
  apply_immediately               = var.apply_immediately

  tags = var.tags
}

# --- Password ---

locals {
  secret_arn = try(coalesce(
    one(flatten([for instance in aws_db_instance.this : instance.master_user_secret[*].secret_arn])),
    one(flatten([for cluster in aws_rds_cluster.this : cluster.master_user_secret[*].secret_arn])),
  ), null)
}

# RDS rotates the secret by itself, so that no function is needed.
resource "aws_secretsmanager_secret_rotation" "this" {
  count = var.create && var.password_rotation_days != null ? 1 : 0

  secret_id          = local.secret_arn
  rotate_immediately = false

  rotation_rules {
    automatically_after_days = var.password_rotation_days
  }
}

# --- Monitoring ---

resource "aws_iam_role" "monitoring" {
  count = var.create && var.monitoring_interval > 0 ? 1 : 0

  name        = "${var.name}-rds-monitoring"
  description = "Enhanced Monitoring of the database ${var.name}."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  count = var.create && var.monitoring_interval > 0 ? 1 : 0

  role       = aws_iam_role.monitoring[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}
