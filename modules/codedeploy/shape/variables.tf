# The settings of a service, their types and defaults. Terraform silently drops names that are not in here, so that the
# module itself takes any, and outputs.tf compares.

variable "written" {
  type        = any
  description = "The services as they are written, with the names that Terraform drops."
  default     = null
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
