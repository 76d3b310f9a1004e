# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name          = "shop"
  resource_arns = ["arn:aws:rds:eu-west-1:123456789012:db:shop"]
}

run "first_round" {
  command = plan

  variables {
    # A name with a space.
    name = "shop backups"

    # Nothing to back up.
    resource_arns = []

    # Ten minutes to start.
    start_within_minutes = 10

    # A key by alias.
    kms_key_arn = "alias/aws/backup"

    # A vault by name.
    copy_to = { shop = 7 }

    # A lock at once.
    lock = { min_days = 7, max_days = 400, changeable_for_days = 0 }

    # A notification without topic.
    notify = true

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.copy_to,
    var.kms_key_arn,
    var.lock,
    var.name,
    var.notify,
    var.resource_arns,
    var.start_within_minutes,
    var.tags,
  ]
}

run "second_round" {
  command = plan

  variables {
    # A time that is none.
    schedules = { daily = { schedule = "daily", keep_days = 7 } }
  }

  expect_failures = [
    var.schedules,
  ]
}

run "third_round" {
  command = plan

  variables {
    # Kept for no time.
    schedules = { daily = { schedule = "cron(0 3 * * ? *)", keep_days = 0 } }
  }

  expect_failures = [
    var.schedules,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # A lock that refuses the backups.
    lock = { min_days = 60, max_days = 400, changeable_for_days = 3 }

    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.lock,
    var.tags,
  ]
}
