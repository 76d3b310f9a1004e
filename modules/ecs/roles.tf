locals {
  # Tasks of this account only may take these roles.
  tasks_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account}:*" }
      }
    }]
  })

  # Repositories of Amazon ECR among the images. Others need no right of IAM.
  repositories = {
    for name, service in local.services : name => [
      for part in regexall("^([0-9]{12})\\.dkr\\.ecr(?:-fips)?\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)", service.image) :
      "arn:${local.partition}:ecr:${part[1]}:${part[0]}:repository/${part[2]}"
    ]
  }

  # A reference may have more after the secret's ARN: JSON key, stage, version.
  secrets = {
    for name, service in local.services : name => distinct([
      for reference in values(service.secrets) : join(":", slice(split(":", reference), 0, 7)) if strcontains(reference, ":secretsmanager:")
    ])
  }

  parameters = {
    for name, service in local.services : name => distinct([
      for reference in values(service.secrets) : reference if strcontains(reference, ":ssm:")
    ])
  }
}

# Starts the tasks of one service: pulls its image, reads its secrets, writes its logs.
resource "aws_iam_role" "execution" {
  for_each = local.services

  name               = "${var.name}-${each.key}-execution"
  assume_role_policy = local.tasks_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.services

  name = "start-tasks"
  role = aws_iam_role.execution[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this[each.key].arn}:*"
      }],
      flatten([for repositories in [local.repositories[each.key]] : [
        {
          Sid      = "PullImage"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = repositories
        },
        {
          # This one knows no resources.
          Sid      = "LogInToRegistry"
          Effect   = "Allow"
          Action   = ["ecr:GetAuthorizationToken"]
          Resource = ["*"]
        },
      ] if length(repositories) > 0]),
      [for secrets in [local.secrets[each.key]] : {
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = secrets
      } if length(secrets) > 0],
      [for parameters in [local.parameters[each.key]] : {
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameters"
        Resource = parameters
      } if length(parameters) > 0],
      [for keys in [var.secret_kms_key_arns] : {
        Sid      = "DecryptSecrets"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = keys
      } if length(keys) > 0 && length(each.value.secrets) > 0],
    )
  })
}

# What the service itself may do: nothing, until task_policy says so.
resource "aws_iam_role" "task" {
  for_each = local.services

  name               = "${var.name}-${each.key}-task"
  assume_role_policy = local.tasks_trust
  tags               = var.tags
}

resource "aws_iam_role_policy" "task" {
  for_each = { for name, service in local.services : name => service if service.task_policy != null }

  name   = "service"
  role   = aws_iam_role.task[each.key].id
  policy = each.value.task_policy
}

# ECS Exec talks to Systems Manager with the task's role.
resource "aws_iam_role_policy" "exec" {
  for_each = { for name, service in local.services : name => service if service.enable_execute_command }

  name = "exec"
  role = aws_iam_role.task[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = "*"
    }]
  })
}

# Lets ECS move the weights of the listener rules.
resource "aws_iam_role" "infrastructure" {
  count = var.create ? 1 : 0

  name = "${var.name}-infrastructure"
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "infrastructure" {
  count = var.create ? 1 : 0

  role       = aws_iam_role.infrastructure[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
}
