# policies.json holds the policies of docs/guides/iam-permissions.md as they are there, with their example values.
locals {
  policies = jsondecode(file("${path.module}/policies.json"))

  asked = [for feature in var.features : feature if contains(keys(local.policies), feature)]

  # Every resource of the guide, and what stands in its place: one, several or none.
  written = distinct(flatten([for policy in local.policies : [for statement in policy.Statement : statement.Resource]]))

  resources = { for resource in local.written : resource => (
    resource == "*" ? ["*"]
    : resource == "arn:aws:iam::123456789012:role/ecs-infrastructure" ? var.ecs_role_arns
    : resource == "arn:aws:iam::123456789012:role/ecs-hooks" ? []
    : resource == "arn:aws:iam::123456789012:role/app" ? var.task_role_arns
    : resource == "arn:aws:iam::123456789012:role/task-execution" ? []
    : resource == "arn:aws:s3:::shop-snapshots" ? distinct([for location in var.snapshot_locations : "arn:${var.partition}:s3:::${split("/", location)[0]}"])
    : resource == "arn:aws:s3:::shop-snapshots/production/*" ? [for location in var.snapshot_locations : "arn:${var.partition}:s3:::${location}*"]
    : startswith(resource, "arn:aws:s3:::shop-snapshots-copy") ? []
    : contains(local.receivers, resource) ? [for arn in var.notification_arns : arn if split(":", arn)[2] == split(":", resource)[2]]
    : strcontains(resource, ":kms:") ? var.snapshot_kms_key_arns
    : [for resource in(
      strcontains(resource, "/app/web/") ? [for name in var.load_balancer_names : join("/app/${name}/", split("/app/web/", resource))]
      : strcontains(resource, ":task-definition/web:") ? [for family in var.task_definition_families : replace(resource, "/web:", "/${family}:")]
      : endswith(resource, ":deploymentgroup:shop/web") ? [for group in var.codedeploy_groups : replace(resource, "shop/web", group)]
      : endswith(resource, ":application:shop") ? distinct([for group in var.codedeploy_groups : replace(resource, ":shop", ":${split("/", group)[0]}")])
      : endswith(resource, "/main") ? ["${trimsuffix(resource, "main")}${var.cluster_name}"]
      : [join("/${var.cluster_name}/", split("/main/", resource))]
      ) : replace(
      replace(
        replace(resource, "/^arn:aws:/", "arn:${var.partition}:"),
        ":eu-west-1:", ":${var.region}:",
      ),
      ":123456789012:", ":${var.account_id}:",
    )]
  ) }

  statements = { for feature in local.asked : feature => [
    for statement in local.policies[feature].Statement : {
      written   = statement
      resources = distinct(flatten([for resource in flatten([statement.Resource]) : local.resources[resource]]))
    }
  ] }

  # Receivers of notifications, and where their secrets are, as the guide names them.
  receivers = [for statement in local.policies["notifications-and-metrics-of-deployments"].Statement : statement.Resource if statement.Resource != "*"]

  # What only reads is what a plan needs; it tells nobody, so the secrets of receivers are none of its.
  reading = "^[a-z0-9-]+:(BatchGet|Describe|Get|List)|^kms:Decrypt$"
  secrets = ["secretsmanager:GetSecretValue", "ssm:GetParameter"]

  # Roles that are passed to ECS, keys of buckets and each kind of receiver are not in every system. Everything else that is empty would allow
  # nothing of what was asked for.
  empty = flatten([for feature, statements in local.statements : [
    for statement in statements : "${feature}: ${jsonencode(statement.written.Resource)}"
    if length(statement.resources) == 0 && !contains(["Bus", "Key", "Parameter", "Roles", "Secret", "Topic"], statement.written.Sid)
  ]])
}
