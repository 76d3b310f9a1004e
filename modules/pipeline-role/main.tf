data "aws_partition" "current" {}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

# The policies of the guide, for these names.
module "policies" {
  source = "./policies"

  features                 = var.features
  partition                = data.aws_partition.current.partition
  region                   = data.aws_region.current.id
  account_id               = data.aws_caller_identity.current.account_id
  cluster_name             = var.cluster_name
  load_balancer_names      = var.load_balancer_names
  task_definition_families = var.task_definition_families
  codedeploy_groups        = var.codedeploy_groups
  ecs_role_arns            = var.ecs_role_arns
  task_role_arns           = var.task_role_arns
  snapshot_locations       = var.snapshot_locations
  snapshot_kms_key_arns    = var.snapshot_kms_key_arns
  notification_arns        = var.notification_arns
}

locals {
  issuer_url = coalesce(var.issuer_url, var.ci == "github" ? "https://token.actions.githubusercontent.com" : "https://gitlab.com")
  issuer     = trimprefix(local.issuer_url, "https://")
  audience   = coalesce(var.audience, var.ci == "github" ? "sts.amazonaws.com" : local.issuer_url)

  # What a token says about its job. A job of GitHub that names an environment says only that.
  github = {
    branches     = [for branch in var.branches : "repo:${var.repository}:ref:refs/heads/${branch}"]
    environments = [for environment in var.environments : "repo:${var.repository}:environment:${environment}"]
    pulls        = ["repo:${var.repository}:pull_request"]
  }

  subjects = {
    apply = tolist(
      var.ci == "gitlab" ? [for branch in var.branches : "project_path:${var.repository}:ref_type:branch:ref:${branch}"]
      : length(var.environments) > 0 ? local.github.environments
      : local.github.branches
    )
    plan = tolist(
      var.ci == "gitlab" ? ["project_path:${var.repository}:ref_type:branch:ref:*"]
      : concat(local.github.pulls, local.github.branches, local.github.environments)
    )
  }

  # IAM makes the ARN of a provider from its URL.
  oidc_provider_arn = coalesce(
    one(aws_iam_openid_connect_provider.this[*].arn),
    "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${local.issuer}",
  )

  state_arn = var.state == null ? null : "arn:${data.aws_partition.current.partition}:s3:::${var.state.bucket}"

  # The lock is an object of its own, so that a plan writes that and nothing else.
  state = { for role, writes in { apply = true, plan = false } : role => {
    Version = "2012-10-17"
    Statement = var.state == null ? [] : concat([
      { Sid = "List", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.state_arn] },
      { Sid = "State", Effect = "Allow", Action = writes ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"], Resource = ["${local.state_arn}/${var.state.key}"] },
      { Sid = "Lock", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], Resource = ["${local.state_arn}/${var.state.key}.tflock"] },
      ], var.state.kms_key_arn == null ? [] : [
      { Sid = "Key", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.state.kms_key_arn] },
    ])
  } }

  push = {
    Version = "2012-10-17"
    Statement = [
      { Sid = "LogIn", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = var.push_repository_arns
      },
    ]
  }

  # Nothing of these is read by a plan, and AWS refuses a policy without statements.
  applied_only = ["notifications-and-metrics-of-deployments"]

  # By role and name. Which names there are is known before the ARNs in the policies are. The drift gate runs in jobs that
  # only plan, and writes nothing but its metrics.
  policies = merge(
    { for feature in var.features : "apply/${feature}" => jsonencode(module.policies.apply[feature]) },
    { for feature in var.features : "plan/${feature}" => startswith(feature, "switchyard-gate-") ? jsonencode(module.policies.apply[feature]) : jsonencode(module.policies.plan[feature]) if !contains(local.applied_only, feature) },
    var.state == null ? {} : { for role, policy in local.state : "${role}/state" => jsonencode(policy) },
    length(var.push_repository_arns) == 0 ? {} : { "apply/push-images" = jsonencode(local.push) },
  )

  roles = var.create ? ["apply", "plan"] : []
}

resource "aws_iam_openid_connect_provider" "this" {
  count = var.create && var.create_oidc_provider ? 1 : 0

  url            = local.issuer_url
  client_id_list = [local.audience]
  tags           = var.tags
}

resource "aws_iam_role" "this" {
  for_each = toset(local.roles)

  name                 = "${var.name}-${each.key}"
  description          = each.key == "apply" ? "Deploys from ${var.repository}." : "Plans for ${var.repository}, and changes nothing."
  max_session_duration = var.max_session_hours * 3600
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.oidc_provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "${local.issuer}:aud" = local.audience }
        StringLike   = { "${local.issuer}:sub" = local.subjects[each.key] }
      }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = { for name, policy in local.policies : name => policy if var.create }

  name   = split("/", each.key)[1]
  role   = aws_iam_role.this[split("/", each.key)[0]].name
  policy = each.value

  lifecycle {
    precondition {
      condition     = sum([for name, policy in local.policies : length(policy) if startswith(name, "apply/")]) <= 10240
      error_message = "The policies of the apply role have more than the 10240 characters that AWS takes. Use wildcards in the names, or one module for each cluster."
    }
  }
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = { for name, arn in var.apply_policy_arns : name => arn if var.create }

  role       = aws_iam_role.this["apply"].name
  policy_arn = each.value
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = { for name, arn in var.plan_policy_arns : name => arn if var.create }

  role       = aws_iam_role.this["plan"].name
  policy_arn = each.value
}
