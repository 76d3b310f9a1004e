data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  severities = toset(["critical", "warning", "info"])

  topics = { for severity in local.severities : severity => try(var.topic_arns[severity], aws_sns_topic.this[severity].arn, null) }

  # By what they are and not by their number, so that one that is removed removes no other.
  emails   = merge([for severity, addresses in var.emails : { for address in addresses : "${severity}/${address}" => { severity = severity, endpoint = address } }]...)
  webhooks = merge([for severity, urls in var.webhooks : { for url in urls : "${severity}/${url}" => { severity = severity, endpoint = url } }]...)

  service_prefix = "arn:${data.aws_partition.current.partition}:ecs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:service/${var.cluster_name}/"
}

resource "aws_sns_topic" "this" {
  for_each = var.create ? setsubtract(local.severities, keys(var.topic_arns)) : toset([])

  name              = "${var.name}-${each.key}"
  kms_master_key_id = var.topic_kms_key_arn

  tags = var.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn = each.value.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Principal = { Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = each.value.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for key, it in local.emails : key => it if var.create }

  topic_arn = local.topics[each.value.severity]
  protocol  = "email"
  endpoint  = each.value.endpoint
}

resource "aws_sns_topic_subscription" "webhook" {
  for_each = { for key, it in local.webhooks : key => it if var.create }

  topic_arn              = local.topics[each.value.severity]
  protocol               = "https"
  endpoint               = each.value.endpoint
  endpoint_auto_confirms = true
}
