variable "name" {
  type        = string
  description = "Name of the application, and prefix of its deployment groups and of the role."

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,50}$", var.name))
    error_message = "The name must start with a letter and have at most 51 letters, digits and hyphens, because the name of the role is made from it and is limited to 64 characters."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "iam_role_use_name_prefix" {
  type        = bool
  description = "Let IAM choose the end of the names of roles, so that two stacks of one name, such as in two regions, do not collide."
  default     = false

  validation {
    condition     = !var.iam_role_use_name_prefix || length(var.name) <= 26
    error_message = "With iam_role_use_name_prefix the name must have at most 26 characters, because IAM takes 38 characters before those that it chooses."
  }
}

variable "create_role" {
  type        = bool
  description = "Create the role of CodeDeploy; with `false` it is `role_arn`, whose permissions are yours."
  default     = true
}

variable "role_arn" {
  type        = string
  description = "ARN of the role that exists, with `create_role = false`."
  default     = null

  validation {
    condition     = var.create_role == (var.role_arn == null)
    error_message = "For a role that exists, set both: create_role = false, and role_arn."
  }
}

variable "role_path" {
  type        = string
  description = "Path of the role, such as `/teams/shop/`."
  default     = "/"
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Policy that limits what the role can ever do, where an account requires one."
  default     = null
}

variable "cluster_name" {
  type        = string
  description = "Name of the ECS cluster in which the services are."

  validation {
    condition     = !startswith(var.cluster_name, "arn:")
    error_message = "CodeDeploy takes the name of the cluster, not its ARN."
  }
}

variable "services" {
  type        = any
  description = "A deployment group for each service, by a key that becomes part of the group's name; the README lists the settings. Any other name is an error."
}

variable "custom_configs" {
  type = map(object({
    canary = optional(object({ percent = number, minutes = number }))
    linear = optional(object({ percent = number, minutes = number }))
  }))
  description = "Custom configurations, by key: either a canary (percent first, the rest after minutes) or linear (percent every so many minutes)."
  default     = {}

  validation {
    condition     = alltrue([for config in values(var.custom_configs) : (config.canary == null) != (config.linear == null)])
    error_message = "Every configuration must be either canary or linear; the one that moves all traffic at once is CodeDeployDefault.ECSAllAtOnce."
  }

  validation {
    condition     = alltrue([for key in keys(var.custom_configs) : can(regex("^[a-zA-Z0-9][a-zA-Z0-9-]{0,23}$", key))])
    error_message = "Every key of custom_configs must have at most 24 letters, digits and hyphens, because names of configurations are limited to 100 characters."
  }

  validation {
    condition     = alltrue(flatten([for config in values(var.custom_configs) : [for shift in [config.canary, config.linear] : shift.percent >= 1 && shift.percent <= 99 && floor(shift.percent) == shift.percent if shift != null]]))
    error_message = "A shift is a whole number of percent from 1 to 99."
  }

  validation {
    condition     = alltrue(flatten([for config in values(var.custom_configs) : [for shift in [config.canary, config.linear] : shift.minutes >= 1 && floor(shift.minutes) == shift.minutes if shift != null]]))
    error_message = "The time between shifts is a whole number of minutes, at least 1."
  }

  validation {
    condition = alltrue(concat(
      [for config in values(var.custom_configs) : config.canary.minutes <= 2880 if config.canary != null],
      [for config in values(var.custom_configs) : (ceil(100 / config.linear.percent) - 1) * config.linear.minutes <= 2880 if try(config.linear.percent > 0, false)],
    ))
    error_message = "From the first shift to the last at most 2880 minutes may pass, which is two days."
  }
}

variable "pass_role_arns" {
  type        = list(string)
  description = "Execution and task roles of the services, which CodeDeploy passes to ECS: `task_role_arns` and `execution_role_arns` of the ecs module."

  validation {
    condition     = length(var.pass_role_arns) > 0 && alltrue([for arn in var.pass_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "At least one role is needed, and every element must be the ARN of an IAM role. Without the right to pass the roles of the tasks CodeDeploy cannot start any."
  }
}

variable "triggers" {
  type        = map(object({ topic_arn = string, events = list(string) }))
  description = "SNS topics that are notified of deployments, by name of the trigger."
  default     = {}

  validation {
    condition = alltrue(flatten([for trigger in values(var.triggers) : [for event in trigger.events : contains([
      "DeploymentStart", "DeploymentSuccess", "DeploymentFailure", "DeploymentStop", "DeploymentRollback", "DeploymentReady",
    ], event)]]))
    error_message = "A trigger can be notified of DeploymentStart, DeploymentSuccess, DeploymentFailure, DeploymentStop, DeploymentRollback and DeploymentReady."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything the module creates."
  default     = {}
}
