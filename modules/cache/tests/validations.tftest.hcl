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
  iam_users                 = ["web"]
}

run "first_round" {
  command = plan

  variables {
    # A name with an underscore.
    name = "shop_cache"
  }

  expect_failures = [
    var.name,
  ]
}

run "second_round" {
  command = plan

  variables {
    # A vpc by name.
    vpc_id = "main"

    # A subnet by name.
    subnet_ids = ["a", "b"]

    # A client twice.
    client_security_group_ids = ["sg-0a", "sg-0a"]

    # An old version.
    engine_version = "6.2"

    # A type without cache.
    node_type = "t4g.small"

    # No shards.
    shards = 0

    # A key by alias.
    kms_key_arn = "alias/cache"

    # A parameter of the module.
    parameters = { cluster-enabled = "no" }

    # Snapshots for a year.
    snapshot_retention_days = 365

    # A snapshot at 25.
    snapshot_window = "25:00-26:00"

    # Maintenance in capitals.
    maintenance_window = "Sun:04:00-Sun:05:00"

    # Eleven days.
    slow_log_retention_days = 11

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.client_security_group_ids,
    var.engine_version,
    var.kms_key_arn,
    var.maintenance_window,
    var.node_type,
    var.parameters,
    var.shards,
    var.slow_log_retention_days,
    var.snapshot_retention_days,
    var.snapshot_window,
    var.subnet_ids,
    var.tags,
    var.vpc_id,
  ]
}

run "third_round" {
  command = plan

  variables {
    # A replica in the same zone.
    subnet_ids = ["subnet-0a"]

    # Too many tags.
    tags = { for number in range(50) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.subnet_ids,
    var.tags,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # Another engine.
    engine = "memcached"
  }

  expect_failures = [
    var.engine,
  ]
}

run "fifth_round" {
  command = plan

  variables {
    # A version of the other engine.
    engine         = "redis"
    engine_version = "8.0"
  }

  expect_failures = [
    var.engine_version,
  ]
}

run "sixth_round" {
  command = plan

  variables {
    # Too many replicas.
    replicas = 6
  }

  expect_failures = [
    var.replicas,
  ]
}

run "seventh_round" {
  command = plan

  variables {
    # The default user.
    iam_users = ["default"]
  }

  expect_failures = [
    var.iam_users,
  ]
}

run "eighth_round" {
  command = plan

  variables {
    # Nobody logs in.
    iam_users = []
  }

  expect_failures = [
    var.auth_token,
  ]
}

run "ninth_round" {
  command = plan

  variables {
    # Both ways to log in.
    auth_token = "not-a-real-password-0123"
  }

  expect_failures = [
    var.auth_token,
  ]
}

run "tenth_round" {
  command = plan

  variables {
    # A short password.
    iam_users  = []
    auth_token = "short"
  }

  expect_failures = [
    var.auth_token,
  ]
}
