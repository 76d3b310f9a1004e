# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {}

variables {
  name = "shop"
}

run "first_round" {
  command = plan

  variables {
    # A name with an underscore.
    name = "shop_web"

    # Counted rules of no group.
    counted_rules = { AWSManagedRulesLinuxRuleSet = ["LFI_HEADER"] }

    # A limit that is too low.
    rate_limit = 5

    # A path without a slash.
    rate_limits = { login = 50 }

    # Everybody blocked.
    blocked_cidr_blocks = ["0.0.0.0/0"]

    # A range that does not begin there.
    allowed_cidr_blocks = ["192.0.2.1/24"]

    # A country by name.
    blocked_countries = ["Mordor"]

    # Eleven days.
    log_retention_days = 11

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.allowed_cidr_blocks,
    var.blocked_cidr_blocks,
    var.blocked_countries,
    var.counted_rules,
    var.log_retention_days,
    var.name,
    var.rate_limit,
    var.rate_limits,
    var.tags,
  ]
}

run "second_round" {
  command = plan

  variables {
    # Another scope.
    scope = "GLOBAL"
  }

  expect_failures = [
    var.scope,
  ]
}

run "third_round" {
  command = plan

  variables {
    # An association of a distribution.
    scope         = "CLOUDFRONT"
    resource_arns = ["arn:aws:cloudfront::123456789012:distribution/E1"]
  }

  expect_failures = [
    var.resource_arns,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # A group of somebody else.
    managed_rule_groups = ["MyRules"]
  }

  expect_failures = [
    var.managed_rule_groups,
  ]
}

run "fifth_round" {
  command = plan

  variables {
    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.tags,
  ]
}
