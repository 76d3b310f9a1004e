data "aws_partition" "current" {}

locals {
  repositories = toset(var.create ? var.repository_names : [])

  # An image that matches the tags of one rule is never expired by a rule with a higher number. AWS wants the rule for
  # any tag to be the last one.
  protected = [
    for index, prefix in var.protected_tag_prefixes : {
      rulePriority = index + 1
      description  = "Keep the newest ${var.keep_protected_images} images tagged ${prefix}*"
      selection = {
        tagStatus      = "tagged"
        tagPatternList = ["${prefix}*"]
        countType      = "imageCountMoreThan"
        countNumber    = var.keep_protected_images
      }
      action = { type = "expire" }
    }
  ]

  untagged = {
    rulePriority = length(local.protected) + 1
    description  = "Expire untagged images after ${var.untagged_days} days"
    selection = {
      tagStatus   = "untagged"
      countType   = "sinceImagePushed"
      countUnit   = "days"
      countNumber = var.untagged_days
    }
    action = { type = "expire" }
  }

  any = {
    rulePriority = length(local.protected) + 2
    description  = "Keep the newest ${var.keep_images} images"
    selection = {
      tagStatus   = "any"
      countType   = "imageCountMoreThan"
      countNumber = var.keep_images
    }
    action = { type = "expire" }
  }
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name                 = each.key
  image_tag_mutability = var.immutable_tags ? "IMMUTABLE" : "MUTABLE"
  force_delete         = var.force_delete

  encryption_configuration {
    encryption_type = var.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }

  tags = var.tags
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.repositories

  repository = aws_ecr_repository.this[each.key].name
  policy     = jsonencode({ rules = concat(local.protected, [local.untagged, local.any]) })
}

resource "aws_ecr_repository_policy" "this" {
  for_each = length(var.pull_account_ids) == 0 ? toset([]) : local.repositories

  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Pull"
      Effect    = "Allow"
      Principal = { AWS = [for id in sort(var.pull_account_ids) : "arn:${data.aws_partition.current.partition}:iam::${id}:root"] }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
