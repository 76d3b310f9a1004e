# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name         = "shop"
  ci           = "github"
  repository   = "acme/shop"
  cluster_name = "shop"
}

run "first_round" {
  command = plan

  variables {
    # A name that is too long.
    name = "a-name-that-is-so-long-that-a-role-cannot-have-it-with-an-ending"

    # A repository with a wildcard.
    repository = "acme/*"

    # Every branch.
    branches = ["*"]

    # Every environment.
    environments = ["*"]

    # An issuer with a slash at its end.
    issuer_url = "https://gitlab.example.com/"

    # Features without the first one.
    features = ["health-gates"]

    # Every cluster.
    cluster_name = "*"

    # A load balancer by arn.
    load_balancer_names = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1"]

    # A family with a revision.
    task_definition_families = ["web:1"]

    # A group without application.
    codedeploy_groups = ["web"]

    # A role by name.
    ecs_role_arns = ["infrastructure"]

    # A task role by name.
    task_role_arns = ["web"]

    # A bucket without a slash.
    snapshot_locations = ["snapshots"]

    # A key by alias.
    snapshot_kms_key_arns = ["alias/snapshots"]

    # A topic by name.
    notification_arns = ["deployments"]

    # The whole bucket of states.
    state = { bucket = "acme-terraform", key = "*" }

    # A repository by name.
    push_repository_arns = ["web"]

    # A policy by name.
    apply_policy_arns = { read = "ReadOnlyAccess" }

    # A policy of the plan role by name.
    plan_policy_arns = { read = "ReadOnlyAccess" }

    # A boundary by name.
    permissions_boundary_arn = "boundary"

    # A session of a day.
    max_session_hours = 24

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.apply_policy_arns,
    var.branches,
    var.cluster_name,
    var.codedeploy_groups,
    var.ecs_role_arns,
    var.environments,
    var.features,
    var.issuer_url,
    var.load_balancer_names,
    var.max_session_hours,
    var.name,
    var.notification_arns,
    var.permissions_boundary_arn,
    var.plan_policy_arns,
    var.push_repository_arns,
    var.repository,
    var.snapshot_kms_key_arns,
    var.snapshot_locations,
    var.state,
    var.tags,
    var.task_definition_families,
    var.task_role_arns,
  ]
}

run "second_round" {
  command = plan

  variables {
    # Another ci.
    ci = "jenkins"
  }

  expect_failures = [
    var.ci,
  ]
}

run "third_round" {
  command = plan

  variables {
    # A repository in a subgroup of github.
    repository = "acme/platform/shop"

    # No branch.
    branches = []

    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.branches,
    var.repository,
    var.tags,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # An environment of gitlab.
    ci           = "gitlab"
    environments = ["production"]
  }

  expect_failures = [
    var.environments,
  ]
}
