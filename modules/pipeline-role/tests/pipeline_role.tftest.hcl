# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com" }
  }
}

variables {
  name         = "shop"
  ci           = "github"
  repository   = "acme/shop"
  cluster_name = "shop"
}

run "a_branch_applies_and_a_pull_request_plans" {
  assert {
    condition     = output.subjects.apply == tolist(["repo:acme/shop:ref:refs/heads/main"])
    error_message = "Only main applies."
  }

  assert {
    condition     = output.subjects.plan == tolist(["repo:acme/shop:pull_request", "repo:acme/shop:ref:refs/heads/main"])
    error_message = "Pull requests plan."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[0].Condition.StringEquals == { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
    error_message = "Tokens for others are not taken."
  }

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[0].Condition.StringLike) == jsonencode({ "token.actions.githubusercontent.com:sub" = output.subjects.apply })
    error_message = "The apply role looks at the subject."
  }

  assert {
    condition     = keys(aws_iam_role_policy.this) == ["apply/always", "plan/always"]
    error_message = "A policy for each feature and role, and nothing else."
  }
}

run "an_environment_takes_the_place_of_the_branches" {
  variables {
    environments = ["production"]
  }

  assert {
    condition     = output.subjects.apply == tolist(["repo:acme/shop:environment:production"])
    error_message = "A job of main that names no environment does not apply."
  }
}

run "gitlab_names_branches" {
  variables {
    ci         = "gitlab"
    repository = "acme/platform/shop"
    branches   = ["main", "release/*"]
  }

  assert {
    condition     = output.subjects.apply == tolist(["project_path:acme/platform/shop:ref_type:branch:ref:main", "project_path:acme/platform/shop:ref_type:branch:ref:release/*"])
    error_message = "Its subjects have another form."
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["plan"].assume_role_policy).Statement[0].Condition.StringEquals == { "gitlab.com:aud" = "https://gitlab.com" }
    error_message = "Its audience is its URL."
  }
}

run "the_policies_have_the_names_that_are_given" {
  assert {
    condition     = jsondecode(output.policies["always"]).Statement[0].Resource == "arn:aws:ecs:eu-central-1:210987654321:service/shop/*"
    error_message = "Region, account and cluster are those of the configuration."
  }

  assert {
    condition     = !strcontains(output.policies["always"], "123456789012") && !strcontains(output.policies["always"], "eu-west-1") && !strcontains(output.policies["always"], "/main")
    error_message = "Nothing of the guide's example is left."
  }

  assert {
    condition     = !strcontains(output.policies["always"], "iam:PassRole")
    error_message = "Without a role to pass, none may be passed."
  }
}

run "the_plan_role_only_reads" {
  variables {
    features                 = ["always", "health-gates", "scaling-is-suspended-during-deployments", "switchyard_scaling_policy_set", "snapshots-in-a-bucket", "switchyard_listener_rule", "the-provider-registers-task-definitions", "controller-codedeploy", "controller-external", "notifications-and-metrics-of-deployments"]
    load_balancer_names      = ["shop", "admin"]
    task_definition_families = ["shop"]
    task_role_arns           = ["arn:aws:iam::210987654321:role/shop-task"]
    codedeploy_groups        = ["shop/web"]
    snapshot_locations       = ["snapshots/shop/"]
    notification_arns        = ["arn:aws:secretsmanager:eu-west-1:210987654321:secret:chat"]
  }

  assert {
    condition = alltrue(flatten([
      for name, policy in aws_iam_role_policy.this : [
        for statement in jsondecode(policy.policy).Statement : [
          for action in statement.Action : can(regex(":(BatchGet|Describe|Get|List)|^kms:Decrypt$", action))
        ]
      ] if startswith(name, "plan/")
    ]))
    error_message = "What changes something is not among its actions."
  }

  assert {
    condition     = !anytrue([for name, policy in aws_iam_role_policy.this : strcontains(policy.policy, "GetSecretValue") if startswith(name, "plan/")])
    error_message = "Whoever only plans tells nobody, and reads no secret of a receiver."
  }

  assert {
    condition     = alltrue([for name, policy in aws_iam_role_policy.this : length(jsondecode(policy.policy).Statement) > 0])
    error_message = "No policy is empty, because AWS refuses such a policy."
  }

  assert {
    condition     = length(jsondecode(output.policies["switchyard_listener_rule"]).Statement[1].Resource) == 2
    error_message = "Each load balancer is named."
  }
}

run "a_plan_locks_the_state_and_does_not_write_it" {
  variables {
    state = { bucket = "acme-terraform", key = "shop/terraform.tfstate" }
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this["plan/state"].policy).Statement : statement.Resource if contains(statement.Action, "s3:PutObject")] == [
      ["arn:aws:s3:::acme-terraform/shop/terraform.tfstate.tflock"],
    ]
    error_message = "The lock is all that a plan writes."
  }

  assert {
    condition     = length([for statement in jsondecode(aws_iam_role_policy.this["apply/state"].policy).Statement : statement if contains(statement.Action, "s3:PutObject")]) == 2
    error_message = "An apply writes the state."
  }
}

run "an_oidc_provider_that_is_there_is_used" {
  variables {
    create_oidc_provider = false
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.this) == 0 && jsondecode(aws_iam_role.this["apply"].assume_role_policy).Statement[0].Principal.Federated == "arn:aws:iam::210987654321:oidc-provider/token.actions.githubusercontent.com"
    error_message = "No second one is created."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create = false
  }

  assert {
    condition     = length(aws_iam_role.this) + length(aws_iam_role_policy.this) + length(aws_iam_openid_connect_provider.this) == 0 && output.apply_role_arn == null && output.oidc_provider_arn == null
    error_message = "Nothing is created."
  }
}

run "a_feature_that_there_is_not" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    features   = ["always", "everything"]
    partition  = "aws"
    region     = "eu-west-1"
    account_id = "123456789012"
  }

  expect_failures = [output.apply]
}

run "a_feature_without_what_it_is_for" {
  command = plan

  module {
    source = "./policies"
  }

  variables {
    features   = ["always", "switchyard_listener_rule"]
    partition  = "aws"
    region     = "eu-west-1"
    account_id = "123456789012"
  }

  expect_failures = [output.apply]
}
