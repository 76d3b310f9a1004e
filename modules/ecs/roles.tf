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
    for name, service in local.services : name => distinct(flatten([
      for image in concat([service.image], [for container in local.containers[name] : try(container.image, "")]) : [
        for part in regexall("^([0-9]{12})\\.dkr\\.ecr(?:-fips)?\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)", image) :
        "arn:${local.partition}:ecr:${part[1]}:${part[0]}:repository/${part[2]}"
      ]
    ]))
  }

  # References of every container, and of the logs of Service Connect's proxy.
  references = {
    for name, service in local.services : name => distinct(concat(
      flatten([for container in local.containers[name] : [
        [for secret in try(container.secrets, []) : secret.valueFrom],
        [for option in try(container.logConfiguration.secretOptions, []) : option.valueFrom],
        try([container.repositoryCredentials.credentialsParameter], []),
      ]]),
      [for option in try(service.service_connect_configuration.log_configuration.secret_option, []) : option.value_from],
    ))
  }

  # A reference may have more after the secret's ARN: JSON key, stage, version.
  secrets = {
    for name, references in local.references : name => distinct([
      for reference in references : try(join(":", slice(split(":", reference), 0, 7)), reference) if strcontains(reference, ":secretsmanager:")
    ])
  }

  parameters = {
    for name, references in local.references : name => [for reference in references : reference if strcontains(reference, ":ssm:")]
  }

  # What ECS does with the infrastructure role: traffic always, because a service may get a load balancer later.
  infrastructure_policies = toset(concat(
    ["AmazonECSInfrastructureRolePolicyForLoadBalancers"],
    [for policy in ["service-role/AmazonECSInfrastructureRolePolicyForVolumes"] : policy if anytrue([for service in local.services : service.volume_configuration != null])],
    [for policy in ["AmazonECSInfrastructureRolePolicyForVpcLattice"] : policy if anytrue([for service in local.services : length(service.vpc_lattice_configurations) > 0])],
    [for policy in ["service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity"] : policy if anytrue(flatten([for service in local.services : [for offer in try(service.service_connect_configuration.service, []) : offer.tls != null]]))],
  ))

  infrastructure_role_arn = var.create_infrastructure_role ? one(aws_iam_role.infrastructure[*].arn) : var.infrastructure_role_arn
}

# Starts the tasks of one service: pulls its image, reads its secrets, writes its logs.
resource "aws_iam_role" "execution" {
  for_each = { for name, service in local.services : name => service if service.create_execution_role }

  name                 = var.iam_role_use_name_prefix ? null : "${var.name}-${each.key}-execution"
  name_prefix          = var.iam_role_use_name_prefix ? "${var.name}-${each.key}-execution-" : null
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.tasks_trust
  tags                 = var.tags
}

resource "aws_iam_role_policy" "execution" {
  for_each = aws_iam_role.execution

  name = "start-tasks"
  role = each.value.id

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
      } if length(keys) > 0 && length(local.references[each.key]) > 0],
    )
  })
}

# What the service itself may do: nothing, until task_policy says so.
resource "aws_iam_role" "task" {
  for_each = { for name, service in local.services : name => service if service.create_task_role }

  name                 = var.iam_role_use_name_prefix ? null : "${var.name}-${each.key}-task"
  name_prefix          = var.iam_role_use_name_prefix ? "${var.name}-${each.key}-task-" : null
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.tasks_trust
  tags                 = var.tags
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

# Lets ECS move the weights of the listener rules, and make volumes.
resource "aws_iam_role" "infrastructure" {
  count = var.create && var.create_infrastructure_role ? 1 : 0

  name                 = var.iam_role_use_name_prefix ? null : "${var.name}-infrastructure"
  name_prefix          = var.iam_role_use_name_prefix ? "${var.name}-infrastructure-" : null
  path                 = var.role_path
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

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
  for_each = toset([for policy in local.infrastructure_policies : policy if var.create && var.create_infrastructure_role])

  role       = aws_iam_role.infrastructure[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}

moved {
  from = aws_iam_role_policy_attachment.infrastructure[0]
  to   = aws_iam_role_policy_attachment.infrastructure["AmazonECSInfrastructureRolePolicyForLoadBalancers"]
}
