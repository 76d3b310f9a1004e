variable "name" {
  type        = string
  description = "Name of the application, and prefix of its deployment groups and of the role."

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,50}$", var.name))
    error_message = "The name must start with a letter and have at most 51 letters, digits and hyphens, because the name of the role is made from it and is limited to 64 characters."
  }
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
  type = map(object({
    service_name            = string
    target_group_names      = list(string)
    production_listener_arn = string
    test_listener_arn       = optional(string)
    deployment_config       = optional(string, "CodeDeployDefault.ECSAllAtOnce")
    container_name          = optional(string)
    container_port          = optional(number, 8080)
    hooks                   = optional(map(string), {})
    alarms                  = optional(list(string), [])
    ignore_unknown_alarms   = optional(bool, false)
    rollback_on             = optional(list(string), ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"])
    ready_wait_minutes      = optional(number, 0)
    termination_action      = optional(string, "TERMINATE")
    termination_minutes     = optional(number, 5)
    circuit_breaker         = optional(bool, false)
  }))
  description = "A deployment group for each service. The key becomes part of the group's name."

  validation {
    condition     = alltrue([for key in keys(var.services) : can(regex("^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,47}$", key))])
    error_message = "Every key of services must have at most 48 letters, digits, hyphens, dots and underscores, because the names of deployment groups are made from it and are limited to 100 characters."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.target_group_names) == 2])
    error_message = "Every service needs exactly two target groups, between which its deployments alternate."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : !anytrue([for group in service.target_group_names : startswith(group, "arn:")])])
    error_message = "CodeDeploy takes the names of target groups, not their ARNs."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : !strcontains(service.production_listener_arn, ":listener-rule/") && !strcontains(coalesce(service.test_listener_arn, "none"), ":listener-rule/")])
    error_message = "CodeDeploy takes the ARNs of listeners, not of listener rules; it finds the rules that forward to the target groups by itself."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : coalesce(service.test_listener_arn, "none") != service.production_listener_arn])
    error_message = "The test listener must be another one than the production listener, because the new tasks are tried before production reaches them."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : strcontains(service.deployment_config, "AllAtOnceBlueGreen")])
    error_message = "There is no configuration CodeDeployDefault.ECSAllAtOnceBlueGreen. Every deployment of ECS through CodeDeploy is blue/green; the one that moves all traffic at once is CodeDeployDefault.ECSAllAtOnce."
  }

  validation {
    condition = alltrue([
      for service in values(var.services) : !startswith(service.deployment_config, "CodeDeployDefault.") || strcontains(service.deployment_config, "AllAtOnceBlueGreen") || contains([
        "CodeDeployDefault.ECSAllAtOnce",
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
      ], service.deployment_config)
    ])
    error_message = "AWS has these configurations for ECS: CodeDeployDefault.ECSAllAtOnce, .ECSCanary10Percent5Minutes, .ECSCanary10Percent15Minutes, .ECSLinear10PercentEvery1Minutes and .ECSLinear10PercentEvery3Minutes. Describe any other in custom_configs and name its key here."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.termination_action != "KEEP_ALIVE"])
    error_message = "CodeDeploy cannot keep the old tasks of an ECS service alive: KEEP_ALIVE is for instances. The old tasks run on for termination_minutes, at most 2880, and then they end."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["TERMINATE", "KEEP_ALIVE"], service.termination_action)])
    error_message = "The termination action must be TERMINATE, the only one CodeDeploy has for ECS services."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.termination_minutes >= 0 && service.termination_minutes <= 2880 && floor(service.termination_minutes) == service.termination_minutes])
    error_message = "The old tasks may run on for whole minutes from 0 to 2880, which is two days."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.ready_wait_minutes >= 0 && service.ready_wait_minutes <= 2880 && floor(service.ready_wait_minutes) == service.ready_wait_minutes])
    error_message = "A deployment may wait for somebody to let it continue for whole minutes up to 2880, which is two days; 0 lets it continue by itself."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.circuit_breaker])
    error_message = "The deployment circuit breaker belongs to rolling deployments of ECS itself; it does not exist under CodeDeploy. Failed deployments go back through rollback_on, which is on."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for event in service.rollback_on : contains(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"], event)]]))
    error_message = "CodeDeploy rolls back on DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM and DEPLOYMENT_STOP_ON_REQUEST, and on nothing else."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.alarms) <= 10])
    error_message = "A deployment group can have 10 alarms. Put more of them into a composite alarm."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.alarms) == 0 || contains(service.rollback_on, "DEPLOYMENT_STOP_ON_ALARM")])
    error_message = "A service with alarms needs DEPLOYMENT_STOP_ON_ALARM in rollback_on; without it an alarm stops the deployment half way and leaves traffic where it is."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for event in keys(service.hooks) : contains(["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"], event)]]))
    error_message = "CodeDeploy calls functions at BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic and AfterAllowTraffic; it has no other hooks for ECS."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for function in values(service.hooks) : can(regex("^arn:[a-z-]+:lambda:", function))]]))
    error_message = "Every hook must be the ARN of a Lambda function, because the role is allowed to call exactly these functions."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : !contains(keys(service.hooks), "AfterAllowTestTraffic") || service.test_listener_arn != null])
    error_message = "The hook AfterAllowTestTraffic needs test_listener_arn: without a test listener there is no test traffic."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.container_port >= 1 && service.container_port <= 65535 && floor(service.container_port) == service.container_port])
    error_message = "A port is a whole number from 1 to 65535."
  }
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
