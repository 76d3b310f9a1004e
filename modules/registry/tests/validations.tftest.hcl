# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  repository_names = ["web"]
}

run "first_round" {
  command = plan

  variables {
    # No repository.
    repository_names = []

    # A key by alias.
    kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:alias/images"

    # Too few images.
    keep_images = 1

    # Half a day.
    untagged_days = 0.5

    # A prefix with a wildcard.
    protected_tag_prefixes = ["release-*"]

    # An account that is none.
    pull_account_ids = ["1234"]

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.keep_images,
    var.kms_key_arn,
    var.protected_tag_prefixes,
    var.pull_account_ids,
    var.repository_names,
    var.tags,
    var.untagged_days,
  ]
}

run "second_round" {
  command = plan

  variables {
    # A repository twice.
    repository_names = ["web", "web"]

    # Too many prefixes.
    protected_tag_prefixes = [for number in range(21) : "v${number}"]

    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.protected_tag_prefixes,
    var.repository_names,
    var.tags,
  ]
}

run "third_round" {
  command = plan

  variables {
    # Capitals in a name.
    repository_names = ["Web"]

    # Too few protected images.
    protected_tag_prefixes = ["v"]
    keep_protected_images  = 1
  }

  expect_failures = [
    var.keep_protected_images,
    var.repository_names,
  ]
}
