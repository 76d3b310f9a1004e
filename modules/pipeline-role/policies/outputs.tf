output "names" {
  description = "The features that there are."
  value       = keys(local.policies)
}

output "apply" {
  description = "By feature, the policy of the guide."
  value = { for feature, statements in local.statements : feature => {
    Version = "2012-10-17"
    Statement = [for statement in statements : merge(statement.written, {
      Resource = jsondecode(length(statement.resources) == 1 ? jsonencode(statement.resources[0]) : jsonencode(statement.resources))
    }) if length(statement.resources) > 0]
  } }

  precondition {
    condition     = length(local.asked) == length(var.features)
    error_message = "There is no feature ${join(", ", setsubtract(var.features, local.asked))}. There are ${join(", ", keys(local.policies))}."
  }

  precondition {
    condition     = length(local.empty) == 0
    error_message = "Name what these policies are for (load_balancer_names, task_definition_families with task_role_arns, codedeploy_groups, snapshot_locations), or leave the feature out:\n${join("\n", local.empty)}"
  }
}

output "plan" {
  description = "By feature, what of it only reads."
  value = { for feature, statements in local.statements : feature => {
    Version = "2012-10-17"
    Statement = [for statement in statements : merge(statement.written, {
      Action   = [for action in statement.written.Action : action if can(regex(local.reading, action)) && !contains(local.secrets, action)]
      Resource = jsondecode(length(statement.resources) == 1 ? jsonencode(statement.resources[0]) : jsonencode(statement.resources))
      }) if length(statement.resources) > 0 && anytrue([for action in statement.written.Action : can(regex(local.reading, action)) && !contains(local.secrets, action)])
    ]
  } }
}
