# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/monitoring" }
  }

  mock_resource "aws_db_instance" {
    defaults = {
      address            = "shop.abc.eu-west-1.rds.amazonaws.com"
      arn                = "arn:aws:rds:eu-west-1:123456789012:db:shop"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1", secret_status = "active", kms_key_id = "" }]
    }
  }

  mock_resource "aws_rds_cluster" {
    defaults = {
      endpoint           = "shop.cluster-abc.eu-west-1.rds.amazonaws.com"
      reader_endpoint    = "shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com"
      arn                = "arn:aws:rds:eu-west-1:123456789012:cluster:shop"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!cluster-1", secret_status = "active", kms_key_id = "" }]
    }
  }
}

variables {
  name                      = "shop"
  vpc_id                    = "vpc-0a1b2c3d"
  subnet_ids                = ["subnet-0a", "subnet-0b"]
  client_security_group_ids = ["sg-0a"]
  instance_class            = "db.t4g.medium"
}

run "a_database_is_safe_by_default" {
  command = plan

  assert {
    condition     = aws_db_instance.this[0].storage_encrypted && aws_db_instance.this[0].multi_az && aws_db_instance.this[0].deletion_protection && !aws_db_instance.this[0].publicly_accessible
    error_message = "It is encrypted, has a standby, is not deleted by mistake, and not reachable from the internet."
  }

  assert {
    condition     = aws_db_instance.this[0].manage_master_user_password && aws_db_instance.this[0].password == null
    error_message = "RDS keeps the password."
  }

  assert {
    condition     = aws_db_instance.this[0].backup_retention_period == 14 && !aws_db_instance.this[0].skip_final_snapshot && aws_db_instance.this[0].final_snapshot_identifier == "shop-final" && !aws_db_instance.this[0].delete_automated_backups
    error_message = "There are backups, also after it is destroyed."
  }

  assert {
    condition     = [for parameter in aws_db_parameter_group.this[0].parameter : "${parameter.name}=${parameter.value}"] == ["rds.force_ssl=1"] && aws_db_parameter_group.this[0].family == "postgres17"
    error_message = "Connections without TLS are refused."
  }

  assert {
    condition     = length(aws_rds_cluster.this) + length(aws_rds_cluster_instance.this) == 0
    error_message = "It is no cluster."
  }
}

run "a_database_from_a_snapshot_keeps_its_users" {
  command = plan

  variables {
    snapshot_identifier = "shop-final"
    database_name       = "shop"
  }

  assert {
    condition     = aws_db_instance.this[0].snapshot_identifier == "shop-final" && aws_db_instance.this[0].manage_master_user_password
    error_message = "It is restored, and gets a new password that RDS keeps."
  }
}

run "aurora_is_as_safe" {
  variables {
    engine                 = "aurora-postgresql"
    engine_version         = "16.4"
    instance_count         = 3
    password_rotation_days = 30
  }

  assert {
    condition     = aws_rds_cluster.this[0].storage_encrypted && aws_rds_cluster.this[0].deletion_protection && aws_rds_cluster.this[0].manage_master_user_password && aws_rds_cluster.this[0].backup_retention_period == 14
    error_message = "It is encrypted, protected and backed up, and RDS keeps the password."
  }

  assert {
    condition     = [for parameter in aws_rds_cluster_parameter_group.this[0].parameter : "${parameter.name}=${parameter.value}"] == ["rds.force_ssl=1"] && aws_rds_cluster_parameter_group.this[0].family == "aurora-postgresql16"
    error_message = "Connections without TLS are refused."
  }

  assert {
    condition     = aws_rds_cluster_instance.this[*].identifier == ["shop-1", "shop-2", "shop-3"] && aws_rds_cluster_instance.this[*].promotion_tier == [0, 1, 2]
    error_message = "The instances take over in their order."
  }

  assert {
    condition     = aws_secretsmanager_secret_rotation.this[0].rotation_rules[0].automatically_after_days == 30 && aws_secretsmanager_secret_rotation.this[0].secret_id == output.master_user_secret_arn
    error_message = "RDS rotates its own secret."
  }

  assert {
    condition     = output.endpoint == "shop.cluster-abc.eu-west-1.rds.amazonaws.com" && output.reader_endpoint == "shop.cluster-ro-abc.eu-west-1.rds.amazonaws.com" && length(aws_db_instance.this) == 0
    error_message = "A cluster has two endpoints."
  }
}

run "a_service_gets_what_it_needs_and_no_password" {
  variables {
    database_name = "orders"
  }

  assert {
    condition     = output.environment == tomap({ DB_HOST = "shop.abc.eu-west-1.rds.amazonaws.com", DB_PORT = "5432", DB_NAME = "orders", DB_SSLMODE = "verify-full" })
    error_message = "Where the database is, and that its certificate is checked."
  }

  assert {
    condition     = output.secrets.DB_PASSWORD == "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1:password::"
    error_message = "The password is a reference."
  }

  assert {
    condition     = output.instance_identifiers == tolist(["shop"]) && output.reader_endpoint == null
    error_message = "One instance, which answers everything."
  }
}

run "parameters_that_need_a_restart_wait_for_it" {
  command = plan

  variables {
    parameters = { max_connections = "300", log_min_duration_statement = "500" }
  }

  assert {
    condition     = { for parameter in aws_db_parameter_group.this[0].parameter : parameter.name => parameter.apply_method } == { max_connections = "pending-reboot", log_min_duration_statement = "immediate", "rds.force_ssl" = "immediate" }
    error_message = "RDS refuses to apply those at once."
  }
}

run "clients_come_in_and_nobody_else" {
  command = plan

  variables {
    client_security_group_ids = ["sg-0a", "sg-0b"]
    port                      = 6432
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients[*].referenced_security_group_id == ["sg-0a", "sg-0b"] && alltrue([for rule in aws_vpc_security_group_ingress_rule.clients : rule.from_port == 6432 && rule.to_port == 6432 && rule.cidr_ipv4 == null])
    error_message = "A rule for each group, for one port."
  }
}

run "a_small_database_can_be_gone_without_a_trace" {
  command = plan

  variables {
    multi_az             = false
    deletion_protection  = false
    final_snapshot       = false
    monitoring_interval  = 0
    performance_insights = false
  }

  assert {
    condition     = aws_db_instance.this[0].skip_final_snapshot && length(aws_iam_role.monitoring) == 0 && !aws_db_instance.this[0].performance_insights_enabled
    error_message = "Nothing is left of it."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create                 = false
    password_rotation_days = 30
  }

  assert {
    condition     = length(aws_db_instance.this) + length(aws_rds_cluster.this) + length(aws_security_group.this) + length(aws_iam_role.monitoring) + length(aws_secretsmanager_secret_rotation.this) + length(aws_db_subnet_group.this) == 0
    error_message = "Nothing is created."
  }

  assert {
    condition     = output.endpoint == null && length(output.environment) + length(output.secrets) + length(output.instance_identifiers) == 0
    error_message = "Outputs are null or empty."
  }
}
