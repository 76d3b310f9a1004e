locals {
  role_arn = var.create_role ? one(aws_iam_role.this[*].arn) : var.role_arn
}

resource "aws_iam_role" "this" {
  count = var.create && var.create_role ? 1 : 0

  name                 = var.iam_role_use_name_prefix ? null : "${var.name}-codedeploy"
  name_prefix          = var.iam_role_use_name_prefix ? "${var.name}-codedeploy-" : null
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codedeploy.amazonaws.com" }
    }]
  })
}

# The narrower of AWS's two policies for ECS: task sets, listeners, alarms.
resource "aws_iam_role_policy_attachment" "this" {
  count = var.create && var.create_role ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AWSCodeDeployRoleForECSLimited"
}

# What that policy allows only for certain names, allowed for exactly what is used here.
resource "aws_iam_role_policy" "this" {
  count = var.create && var.create_role ? 1 : 0

  name = "what-deployments-use"
  role = aws_iam_role.this[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "PassRolesOfTasks"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = var.pass_role_arns
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      }],
      [for functions in [local.hook_functions] : {
        Sid      = "CallHooks"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = functions
      } if length(functions) > 0],
      [for topics in [local.topics] : {
        Sid      = "TellTopics"
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = topics
      } if length(topics) > 0],
    )
  })
}
