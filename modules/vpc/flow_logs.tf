resource "aws_cloudwatch_log_group" "flow_logs" {
  for_each = local.flow_logs

  name              = "/aws/vpc/${var.name}/flow-logs"
  retention_in_days = each.value.retention_days
  kms_key_id        = each.value.kms_key_arn

  tags = var.tags
}

resource "aws_flow_log" "this" {
  for_each = local.flow_logs

  vpc_id                   = aws_vpc.this[0].id
  traffic_type             = each.value.traffic_type
  max_aggregation_interval = each.value.aggregation_interval
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flow_logs[each.key].arn
  iam_role_arn             = aws_iam_role.flow_logs[each.key].arn

  tags = merge(var.tags, { Name = var.name })

  # Without it the first minutes would be missing.
  depends_on = [aws_iam_role_policy.flow_logs]
}

resource "aws_iam_role" "flow_logs" {
  for_each = local.flow_logs

  name        = "${var.name}-${local.region}-flow-logs"
  description = "Writes the flow logs of the VPC ${var.name}."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }

      # Flow logs of this account only: the service acts for others as well.
      Condition = { StringEquals = { "aws:SourceAccount" = aws_vpc.this[0].owner_id } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "flow_logs" {
  for_each = local.flow_logs

  name = "write"
  role = aws_iam_role.flow_logs[each.key].id

  # The log group is made above, so the role needs no right to make one.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.flow_logs[each.key].arn}:*"
      },
      {
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  })
}
