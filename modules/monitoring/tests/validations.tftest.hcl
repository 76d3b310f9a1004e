# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name         = "shop"
  cluster_name = "main"
  services     = { web = {} }
}

run "first_round" {
  command = plan

  variables {
    # A name with a slash.
    name = "shop/web"

    # A cluster by arn.
    cluster_name = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"

    # No service.
    services = {}

    # A threshold that there is not.
    thresholds = { cpu = 90 }

    # No requests.
    minimum_requests = 0

    # Half a minute.
    critical_minutes = 0.5

    # Two hours.
    warning_minutes = 120

    # A pattern with capitals in its name.
    log_patterns = { Errors = "ERROR" }
    log_alarms   = {}

    # A topic of another severity.
    topic_arns = { urgent = "arn:aws:sns:eu-west-1:123456789012:pager" }

    # A key by alias.
    topic_kms_key_arn = "alias/aws/sns"

    # An address that is none.
    emails = { critical = ["team"] }

    # A webhook without tls.
    webhooks = { critical = ["http://pager.example.com"] }

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.cluster_name,
    var.critical_minutes,
    var.emails,
    var.log_patterns,
    var.minimum_requests,
    var.name,
    var.services,
    var.tags,
    var.thresholds,
    var.topic_arns,
    var.topic_kms_key_arn,
    var.warning_minutes,
    var.webhooks,
  ]
}

run "second_round" {
  command = plan

  variables {
    # Three sides.
    load_balancer_arn_suffix = "app/shop/1"
    services                 = { web = { target_group_arn_suffixes = ["a", "b", "c"] } }

    # A threshold below zero.
    thresholds = { cpu_percent = -1 }

    # An alarm on a pattern that there is not.
    log_alarms = { payments = { severity = "warning", above = 1 } }

    # A topic by name.
    topic_arns = { critical = "pager" }

    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.log_alarms,
    var.services,
    var.tags,
    var.thresholds,
    var.topic_arns,
  ]
}

run "third_round" {
  command = plan

  variables {
    # Target groups without a load balancer.
    services = { web = { target_group_arn_suffixes = ["a", "b"] } }

    # An alarm of another severity.
    log_alarms = { errors = { severity = "info", above = 1 } }
  }

  expect_failures = [
    var.log_alarms,
    var.services,
  ]
}
