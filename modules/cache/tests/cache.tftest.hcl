# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_elasticache_user" {
    defaults = { arn = "arn:aws:elasticache:eu-west-1:123456789012:user:shop-web" }
  }

  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      primary_endpoint_address       = "master.shop.abc.euw1.cache.amazonaws.com"
      reader_endpoint_address        = "replica.shop.abc.euw1.cache.amazonaws.com"
      configuration_endpoint_address = "clustercfg.shop.abc.euw1.cache.amazonaws.com"
    }
  }
}

variables {
  name                      = "shop"
  vpc_id                    = "vpc-0a1b2c3d"
  subnet_ids                = ["subnet-0a", "subnet-0b"]
  client_security_group_ids = ["sg-0a"]
  iam_users                 = ["web"]
}

run "a_cache_is_safe_by_default" {
  assert {
    condition     = aws_elasticache_replication_group.this[0].transit_encryption_enabled && aws_elasticache_replication_group.this[0].transit_encryption_mode == "required" && aws_elasticache_replication_group.this[0].at_rest_encryption_enabled
    error_message = "Nothing is unencrypted."
  }

  assert {
    condition     = aws_elasticache_replication_group.this[0].automatic_failover_enabled && aws_elasticache_replication_group.this[0].multi_az_enabled && aws_elasticache_replication_group.this[0].num_cache_clusters == 2
    error_message = "A replica takes over."
  }

  assert {
    condition     = aws_elasticache_user.iam["web"].user_id == "shop-web" && aws_elasticache_user.iam["web"].user_name == "shop-web" && aws_elasticache_user.iam["web"].authentication_mode[0].type == "iam" && aws_elasticache_replication_group.this[0].user_group_ids == toset(["shop"])
    error_message = "Clients log in with IAM."
  }

  assert {
    condition     = output.environment == tomap({ REDIS_HOST = "master.shop.abc.euw1.cache.amazonaws.com", REDIS_PORT = "6379", REDIS_TLS = "true" }) && output.member_cluster_ids == tolist(["shop-001", "shop-002"])
    error_message = "A service gets where it is, and alarms what its nodes are called."
  }

  assert {
    condition     = output.connect_resources["web"][0] == "arn:aws:elasticache:eu-west-1:123456789012:replicationgroup:shop"
    error_message = "A policy names the cache."
  }

  assert {
    condition     = length(aws_elasticache_user.default) == 0 && aws_elasticache_parameter_group.this[0].family == "valkey8"
    error_message = "Valkey needs no user that may do nothing."
  }
}

run "redis_turns_its_default_user_off" {
  command = plan

  variables {
    engine = "redis"
  }

  assert {
    condition     = startswith(aws_elasticache_user.default[0].access_string, "off ") && aws_elasticache_parameter_group.this[0].family == "redis7" && aws_elasticache_replication_group.this[0].engine_version == "7.1"
    error_message = "Nobody gets in without a login."
  }
}

run "a_password_takes_the_place_of_users" {
  command = plan

  variables {
    iam_users  = []
    auth_token = "not-a-real-password-0123"
  }

  assert {
    condition     = length(aws_elasticache_user_group.this) == 0 && aws_elasticache_replication_group.this[0].auth_token_update_strategy == "ROTATE"
    error_message = "There are no users, and a new password works beside the old one."
  }
}

run "shards_have_a_configuration_endpoint" {
  variables {
    shards   = 2
    replicas = 1
  }

  assert {
    condition     = output.endpoint == "clustercfg.shop.abc.euw1.cache.amazonaws.com" && output.reader_endpoint == null && aws_elasticache_replication_group.this[0].num_node_groups == 2 && aws_elasticache_replication_group.this[0].replicas_per_node_group == 1
    error_message = "Clients ask it for the shards."
  }

  assert {
    condition     = output.member_cluster_ids == tolist(["shop-0001-001", "shop-0001-002", "shop-0002-001", "shop-0002-002"])
    error_message = "Nodes are named by their shard."
  }

  assert {
    condition     = [for parameter in aws_elasticache_parameter_group.this[0].parameter : "${parameter.name}=${parameter.value}"] == ["cluster-enabled=yes"]
    error_message = "The engine knows it."
  }
}

run "one_node_has_nothing_to_fail_over_to" {
  command = plan

  variables {
    subnet_ids              = ["subnet-0a"]
    replicas                = 0
    slow_log_retention_days = 0
  }

  assert {
    condition     = !aws_elasticache_replication_group.this[0].automatic_failover_enabled && !aws_elasticache_replication_group.this[0].multi_az_enabled && length(aws_cloudwatch_log_group.slow) == 0
    error_message = "One node, and no log."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_elasticache_replication_group.this) + length(aws_elasticache_user.iam) + length(aws_elasticache_user_group.this) + length(aws_security_group.this) + length(aws_cloudwatch_log_group.slow) == 0
    error_message = "Nothing is created."
  }

  assert {
    condition     = output.endpoint == null && length(output.environment) + length(output.member_cluster_ids) + length(output.connect_resources) == 0
    error_message = "Outputs are null or empty."
  }
}
