# A project on a GitLab of the company: everything that the provider can do, the state in S3, and images in ECR.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

module "registry" {
  source = "../../../registry"

  repository_names = ["shop/checkout"]
}

module "pipeline_role" {
  source = "../.."

  name       = "shop-pipeline"
  ci         = "gitlab"
  issuer_url = "https://gitlab.example.com"
  repository = "acme/platform/shop"
  branches   = ["main", "release/*"]

  features = [
    "always",
    "health-gates",
    "scaling-is-suspended-during-deployments",
    "switchyard_scaling_policy_set",
    "snapshots-in-a-bucket",
    "switchyard_listener_rule",
    "the-provider-registers-task-definitions",
    "controller-codedeploy",
    "controller-external",
    "switchyard-gate-metrics",
    "notifications-and-metrics-of-deployments",
  ]
  cluster_name             = "shop"
  load_balancer_names      = ["shop"]
  task_definition_families = ["shop-*"]
  codedeploy_groups        = ["shop/shop-web"]
  ecs_role_arns            = ["arn:aws:iam::123456789012:role/shop-ecs-infrastructure"]
  task_role_arns           = ["arn:aws:iam::123456789012:role/shop-web-task", "arn:aws:iam::123456789012:role/shop-web-execution"]
  snapshot_locations       = ["shop-snapshots/production/"]
  notification_arns        = ["arn:aws:sns:eu-west-1:123456789012:shop-deployments"]

  state                = { bucket = "acme-terraform", key = "shop/*" }
  push_repository_arns = values(module.registry.repository_arns)
  plan_policy_arns     = { read = "arn:aws:iam::aws:policy/ReadOnlyAccess" }
  apply_policy_arns    = { network = aws_iam_policy.network.arn }
  max_session_hours    = 6

  tags = { Environment = "production" }
}

# What the rest of the configuration needs.
resource "aws_iam_policy" "network" {
  name = "shop-pipeline-network"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["ec2:*SecurityGroup*", "elasticloadbalancing:*"]
      Resource = "*"
    }]
  })
}

output "role_arns" {
  description = "What the jobs take with their token."
  value = {
    apply = module.pipeline_role.apply_role_arn
    plan  = module.pipeline_role.plan_role_arn
  }
}
