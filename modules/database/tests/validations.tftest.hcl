# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name                      = "shop"
  vpc_id                    = "vpc-0a1b2c3d"
  subnet_ids                = ["subnet-0a", "subnet-0b"]
  client_security_group_ids = ["sg-0a"]
  instance_class            = "db.t4g.medium"
}

run "first_round" {
  command = plan

  variables {
    # A name with two hyphens.
    name = "shop--db"

    # A vpc by name.
    vpc_id = "main"

    # One subnet.
    subnet_ids = ["subnet-0a"]

    # A client twice.
    client_security_group_ids = ["sg-0a", "sg-0a"]

    # Another engine.
    engine = "mysql"

    # An old version.
    engine_version = "12"

    # A class without db.
    instance_class = "t4g.medium"

    # No instances.
    instance_count = 0

    # Too little storage.
    allocated_storage = 5

    # A key by alias.
    kms_key_arn = "alias/database"

    # A database with a hyphen.
    database_name = "my-shop"

    # A user that is reserved.
    username = "admin"

    # A password for half a day.
    password_rotation_days = 0.5

    # A port that rds refuses.
    port = 80

    # No backups.
    backup_retention_days = 0

    # A backup at 25.
    backup_window = "25:00-26:00"

    # Maintenance on a day in capitals.
    maintenance_window = "Sun:04:00-Sun:05:00"

    # Connections without tls.
    parameters = { "rds.force_ssl" = "0" }

    # An interval of two seconds.
    monitoring_interval = 2

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.allocated_storage,
    var.backup_retention_days,
    var.backup_window,
    var.client_security_group_ids,
    var.database_name,
    var.engine,
    var.engine_version,
    var.instance_class,
    var.instance_count,
    var.kms_key_arn,
    var.maintenance_window,
    var.monitoring_interval,
    var.name,
    var.parameters,
    var.password_rotation_days,
    var.port,
    var.subnet_ids,
    var.tags,
    var.username,
    var.vpc_id,
  ]
}

run "second_round" {
  command = plan

  variables {
    # Storage that shrinks.
    allocated_storage     = 200
    max_allocated_storage = 100

    # A parameter with a hyphen.
    parameters = { log-min = "1" }

    # Too many tags.
    tags = { for number in range(50) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.max_allocated_storage,
    var.parameters,
    var.tags,
  ]
}
