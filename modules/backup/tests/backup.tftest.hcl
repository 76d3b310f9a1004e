# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/shop-backup" }
  }

  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-west-1:123456789012:backup-vault:shop" }
  }
}

variables {
  name          = "shop"
  resource_arns = ["arn:aws:rds:eu-west-1:123456789012:db:shop"]
}

run "backups_are_made_every_day_and_every_month" {
  command = plan

  assert {
    condition     = { for rule in aws_backup_plan.this[0].rule : rule.rule_name => "${rule.schedule} ${rule.lifecycle[0].delete_after} ${rule.enable_continuous_backup}" } == { daily = "cron(0 3 * * ? *) 35 true", monthly = "cron(0 4 1 * ? *) 365 false" }
    error_message = "What is kept for longer than 35 days is not continuous."
  }

  assert {
    condition     = aws_backup_selection.this[0].resources == toset(["arn:aws:rds:eu-west-1:123456789012:db:shop"]) && !aws_backup_vault.this[0].force_destroy
    error_message = "The database is backed up, and backups are not destroyed by mistake."
  }

  assert {
    condition     = keys(aws_iam_role_policy_attachment.this) == ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"]
    error_message = "The role can back up and restore."
  }
}

run "copies_go_elsewhere" {
  command = plan

  variables {
    copy_to = { "arn:aws:backup:eu-central-1:123456789012:backup-vault:shop" = 90 }
  }

  assert {
    condition     = alltrue([for rule in aws_backup_plan.this[0].rule : [for copy in rule.copy_action : copy.lifecycle[0].delete_after] == [90]])
    error_message = "Every backup is copied."
  }
}

run "a_lock_and_a_topic" {
  command = plan

  variables {
    lock             = { min_days = 7, max_days = 400, changeable_for_days = 3 }
    notify           = true
    notify_topic_arn = "arn:aws:sns:eu-west-1:123456789012:critical"
    selection_tags   = { Backup = "daily" }
  }

  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 7 && contains(aws_backup_vault_notifications.this[0].backup_vault_events, "BACKUP_JOB_FAILED")
    error_message = "Backups stay, and failures are reported."
  }

  assert {
    condition     = [for tag in aws_backup_selection.this[0].selection_tag : "${tag.key}=${tag.value}"] == ["Backup=daily"]
    error_message = "What has the tag is backed up too."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_backup_vault.this) + length(aws_backup_plan.this) + length(aws_backup_selection.this) + length(aws_iam_role.this) == 0 && output.vault_name == null
    error_message = "Nothing is created."
  }
}
