# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  repository_names = ["shop/web", "shop/orders"]
}

run "tags_are_immutable_and_images_are_scanned" {
  command = plan

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.this : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && !repository.force_delete])
    error_message = "By default tags cannot be moved, images are scanned, and a repository with images is not deleted."
  }

  assert {
    condition     = aws_ecr_repository.this["shop/web"].encryption_configuration[0].encryption_type == "AES256"
    error_message = "Images are encrypted without a key too."
  }

  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0
    error_message = "Nobody else pulls unless an account is named."
  }
}

run "the_rule_for_any_image_is_the_last_one" {
  command = plan

  variables {
    protected_tag_prefixes = ["release-", "v"]
    keep_protected_images  = 300
    keep_images            = 20
    untagged_days          = 2
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["shop/web"].policy).rules : rule.rulePriority] == [1, 2, 3, 4]
    error_message = "Rules have priorities in their order."
  }

  assert {
    condition     = [for rule in jsondecode(aws_ecr_lifecycle_policy.this["shop/web"].policy).rules : "${rule.selection.tagStatus} ${rule.selection.countNumber}"] == ["tagged 300", "tagged 300", "untagged 2", "any 20"]
    error_message = "Protected images come first, so that no later rule expires them, and the rule for any image comes last, as AWS demands."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this["shop/web"].policy).rules[0].selection.tagPatternList == ["release-*"]
    error_message = "A prefix stands for every tag that begins with it."
  }
}

run "another_account_pulls_and_nothing_else" {
  command = plan

  variables {
    pull_account_ids = ["210987654321", "012345678901"]
    kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/1"
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this["shop/orders"].policy).Statement[0].Principal.AWS == ["arn:aws:iam::012345678901:root", "arn:aws:iam::210987654321:root"]
    error_message = "Each account is a principal, in an order that does not change."
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.this["shop/orders"].policy).Statement[0].Action == ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    error_message = "They may pull, and not push."
  }

  assert {
    condition     = aws_ecr_repository.this["shop/web"].encryption_configuration[0].encryption_type == "KMS"
    error_message = "With a key, the key encrypts."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create           = false
    pull_account_ids = ["210987654321"]
  }

  assert {
    condition     = length(aws_ecr_repository.this) + length(aws_ecr_lifecycle_policy.this) + length(aws_ecr_repository_policy.this) == 0
    error_message = "Nothing is created."
  }

  assert {
    condition     = output.repository_urls == {} && output.registry_id == null
    error_message = "Outputs are empty."
  }
}
