data "aws_partition" "current" {}

resource "aws_backup_vault" "this" {
  count = var.create ? 1 : 0

  name          = var.name
  kms_key_arn   = var.kms_key_arn
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_backup_vault_lock_configuration" "this" {
  count = var.create && var.lock != null ? 1 : 0

  backup_vault_name   = aws_backup_vault.this[0].name
  min_retention_days  = var.lock.min_days
  max_retention_days  = var.lock.max_days
  changeable_for_days = var.lock.changeable_for_days
}

resource "aws_backup_vault_notifications" "this" {
  count = var.create && var.notify ? 1 : 0

  backup_vault_name   = aws_backup_vault.this[0].name
  sns_topic_arn       = var.notify_topic_arn
  backup_vault_events = ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"]
}

resource "aws_backup_plan" "this" {
  count = var.create ? 1 : 0

  name = var.name

  dynamic "rule" {
    for_each = var.schedules

    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.this[0].name
      schedule          = rule.value.schedule
      start_window      = var.start_within_minutes
      completion_window = var.start_within_minutes + 480

      # AWS keeps what is continuous for 35 days at most.
      enable_continuous_backup = var.continuous && rule.value.keep_days <= 35
      recovery_point_tags      = var.tags

      lifecycle {
        delete_after = rule.value.keep_days
      }

      dynamic "copy_action" {
        for_each = var.copy_to

        content {
          destination_vault_arn = copy_action.key

          lifecycle {
            delete_after = copy_action.value
          }
        }
      }
    }
  }

  tags = var.tags
}

resource "aws_backup_selection" "this" {
  count = var.create ? 1 : 0

  name         = var.name
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.this[0].arn
  resources    = var.resource_arns

  dynamic "selection_tag" {
    for_each = var.selection_tags

    content {
      type  = "STRINGEQUALS"
      key   = selection_tag.key
      value = selection_tag.value
    }
  }

  # A role that may do nothing yet makes no backups.
  depends_on = [aws_iam_role_policy_attachment.this]
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name        = "${var.name}-backup"
  description = "Backups and restores of the plan ${var.name}."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(var.create ? ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"] : [])

  role       = aws_iam_role.this[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${each.key}"
}
