variable "name" {
  type        = string
  description = "Name of the cluster, and prefix of everything around it."

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,30}$", var.name))
    error_message = "The name must start with a letter and have at most 31 letters, digits and hyphens, because names of roles are made from it and from the services' names, and are limited to 64 characters."
  }
}

variable "vpc_id" {
  type        = string
  description = "VPC of the tasks."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the tasks, preferably private ones in two or more zones."

  validation {
    condition     = length(var.subnet_ids) >= 1 && length(var.subnet_ids) <= 16
    error_message = "ECS takes 1 to 16 subnets."
  }
}

variable "assign_public_ip" {
  type        = bool
  description = "Give tasks a public IP address: required in public subnets, where no NAT gateway leads to the image registry."
  default     = false
}

variable "load_balancer_security_group_id" {
  type        = string
  description = "Security group of the load balancer, which may reach the services' ports. Required when a service has `load_balancer`."
  default     = null
}

variable "egress_cidr_blocks" {
  type        = list(string)
  description = "Where tasks may connect to; they must reach at least the image registry, the logs and the secrets."
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for block in var.egress_cidr_blocks : can(cidrhost(block, 0))])
    error_message = "Every element must be a range of addresses such as 10.0.0.0/16."
  }
}

variable "container_insights" {
  type        = string
  description = "Container Insights of the cluster: `enabled`, `enhanced` or `disabled`."
  default     = "enabled"

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.container_insights)
    error_message = "Container Insights are enabled, enhanced or disabled."
  }
}

variable "fargate_spot_percent" {
  type        = number
  description = "Share of the tasks above `on_demand_base` that run on Fargate Spot, in percent."
  default     = 0

  validation {
    condition     = var.fargate_spot_percent >= 0 && var.fargate_spot_percent <= 100 && floor(var.fargate_spot_percent) == var.fargate_spot_percent
    error_message = "The share of Fargate Spot is a whole number of percent from 0 to 100."
  }
}

variable "on_demand_base" {
  type        = number
  description = "Tasks of each service that never run on Fargate Spot."
  default     = 1

  validation {
    condition     = var.on_demand_base >= 0 && var.on_demand_base <= 100000 && floor(var.on_demand_base) == var.on_demand_base
    error_message = "The number of tasks that never run on Fargate Spot is a whole number from 0 to 100000."
  }
}

variable "namespace" {
  type        = string
  description = "Name of the private Cloud Map namespace of the cluster. Defaults to `NAME.internal`."
  default     = null

  validation {
    condition     = var.namespace == null || can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.namespace))
    error_message = "The namespace is a DNS name: lower-case letters, digits, hyphens and dots."
  }
}

variable "create_namespace" {
  type        = bool
  description = "Create a Cloud Map namespace as the default one of the cluster."
  default     = true
}

variable "log_retention_days" {
  type        = number
  description = "Days for which the logs of containers are kept; 0 keeps them without limit."
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days, or without limit (0)."
  }
}

variable "log_kms_key_arn" {
  type        = string
  description = "KMS key that encrypts the logs. Defaults to CloudWatch's own key."
  default     = null
}

variable "secret_kms_key_arns" {
  type        = list(string)
  description = "Customer managed KMS keys that encrypt secrets; tasks of services with secrets may decrypt with them."
  default     = []
}

variable "services" {
  type = map(object({
    image                    = string
    port                     = optional(number, 8080)
    cpu                      = optional(number, 256)
    memory                   = optional(number, 512)
    cpu_architecture         = optional(string, "X86_64")
    command                  = optional(list(string))
    user                     = optional(string)
    readonly_root_filesystem = optional(bool, false)
    environment              = optional(map(string), {})
    secrets                  = optional(map(string), {})
    task_policy              = optional(string)

    health_check = optional(object({
      command      = list(string)
      interval     = optional(number, 30)
      timeout      = optional(number, 5)
      retries      = optional(number, 3)
      start_period = optional(number, 0)
    }))

    desired_count = optional(number)
    min_capacity  = optional(number, 2)
    max_capacity  = optional(number, 10)

    scaling = optional(object({
      cpu_target         = optional(number, 70)
      memory_target      = optional(number, 80)
      scale_out_cooldown = optional(string, "1m")
      scale_in_cooldown  = optional(string, "5m")
      suspended          = optional(object({ scale_in = optional(bool, false), scale_out = optional(bool, false), scheduled = optional(bool, false) }))
      unmanaged          = optional(string, "report")

      scheduled_actions = optional(map(object({
        schedule     = string
        timezone     = optional(string)
        start_time   = optional(string)
        end_time     = optional(string)
        min_capacity = optional(number)
        max_capacity = optional(number)
      })), {})

      target_tracking = optional(map(object({
        target_value       = number
        metric             = optional(string)
        scale_out_cooldown = optional(string)
        scale_in_cooldown  = optional(string)
        disable_scale_in   = optional(bool)
        queue_backlog      = optional(object({ queue_name = string }))
        custom_metric = optional(object({
          namespace   = string
          metric_name = string
          dimensions  = optional(map(string))
          statistic   = optional(string)
          unit        = optional(string)
        }))
        metric_math = optional(object({
          expression = string
          metrics = map(object({
            namespace   = string
            metric_name = string
            dimensions  = optional(map(string))
            statistic   = optional(string)
          }))
        }))
      })), {})

      predictive = optional(map(object({
        metric                       = string
        target_value                 = number
        mode                         = optional(string)
        scheduling_buffer            = optional(string)
        max_capacity_breach_behavior = optional(string)
        max_capacity_buffer          = optional(number)
      })), {})

      step = optional(map(object({
        adjustment_type          = optional(string)
        cooldown                 = optional(string)
        min_adjustment_magnitude = optional(number)
        metric_aggregation_type  = optional(string)
        step_adjustments = list(object({
          scaling_adjustment          = number
          metric_interval_lower_bound = optional(number)
          metric_interval_upper_bound = optional(number)
        }))
        alarm = optional(object({
          metric = object({
            namespace   = string
            metric_name = string
            dimensions  = optional(map(string))
            statistic   = optional(string)
            unit        = optional(string)
          })
          evaluation_periods  = number
          comparison          = string
          threshold           = number
          period              = optional(string)
          datapoints_to_alarm = optional(number)
        }))
      })), {})
    }), {})

    load_balancer = optional(object({
      target_group_arns   = list(string)
      production_rule_arn = string
      test_rule_arn       = optional(string)
    }))
    health_check_grace_period = optional(string)

    deployment = optional(object({
      controller  = optional(string, "ecs")
      strategy    = optional(string)
      canary      = optional(object({ percent = number, interval = string }))
      linear      = optional(object({ percent = number, interval = string }))
      steps       = optional(list(object({ percent = number, hold = optional(string, "0s") })))
      bake_time   = optional(string)
      alarms      = optional(list(string), [])
      autoscaling = optional(string, "keep")

      rollback_strategy = optional(string, "all_at_once")

      circuit_breaker = optional(object({
        enable   = optional(bool, true)
        rollback = optional(bool, true)
      }))

      codedeploy = optional(object({
        application       = string
        deployment_group  = string
        deployment_config = optional(string)
        hooks             = optional(map(string))
      }))
    }), {})

    gates = optional(list(object({
      name            = string
      when            = list(string)
      class           = optional(string)
      observe_only    = optional(bool)
      on_inconclusive = optional(string)
      time_limit      = optional(string)

      http = optional(object({
        url                = optional(string)
        target             = optional(string)
        path               = optional(string)
        method             = optional(string)
        headers            = optional(map(string))
        body               = optional(string)
        status             = optional(list(string))
        body_contains      = optional(string)
        json               = optional(map(string))
        latency            = optional(string)
        timeout            = optional(string)
        consecutive_passes = optional(number)
        attempts           = optional(number)
        interval           = optional(string)
      }))

      metric = optional(object({
        predefined            = string
        success_when          = optional(string)
        failure_when          = optional(string)
        compare_percent       = optional(number)
        interval              = optional(string)
        initial_delay         = optional(string)
        failure_limit         = optional(number)
        consecutive_successes = optional(number)
        no_data               = optional(string)
        not_a_number          = optional(string)
        minimum_requests      = optional(number)
      }))
    })))

    enable_execute_command = optional(bool, false)
    report_path            = optional(string)
  }))
  description = "The services, by name; the README explains each setting."

  validation {
    condition     = alltrue([for name in keys(var.services) : can(regex("^[a-zA-Z][a-zA-Z0-9_-]{0,20}$", name))])
    error_message = "Every name of a service must start with a letter and have at most 21 letters, digits, hyphens and underscores, because names of roles are made from it and from the cluster's name, and are limited to 64 characters."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : can(length(service.image) > 0) && trimspace(service.image) == service.image && service.image != ""])
    error_message = "Every service needs an image, without spaces around it."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.port >= 1 && service.port <= 65535 && floor(service.port) == service.port])
    error_message = "A port is a whole number from 1 to 65535."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains([256, 512, 1024, 2048, 4096, 8192, 16384], service.cpu)])
    error_message = "Fargate has tasks with 256, 512, 1024, 2048, 4096, 8192 and 16384 CPU units; 1024 are one vCPU."
  }

  # Each size of CPU has memory from, to, and in steps of, in MiB. 256 units are the exception that has no even steps.
  validation {
    condition = alltrue([
      for service in values(var.services) : service.cpu == 256 ? contains([512, 1024, 2048], service.memory) : alltrue([
        for range in [lookup({
          "512"   = [1024, 4096, 1024]
          "1024"  = [2048, 8192, 1024]
          "2048"  = [4096, 16384, 1024]
          "4096"  = [8192, 30720, 1024]
          "8192"  = [16384, 61440, 4096]
          "16384" = [32768, 122880, 8192]
        }, tostring(service.cpu), [1, 1000000, 1])] :
        service.memory >= range[0] && service.memory <= range[1] && (service.memory - range[0]) % range[2] == 0
      ])
    ])
    error_message = "CPU and memory (MiB) must be a pair that Fargate has: 256 with 512, 1024 or 2048; 512 with 1024 to 4096; 1024 with 2048 to 8192; 2048 with 4096 to 16384; 4096 with 8192 to 30720, all in steps of 1024; 8192 with 16384 to 61440 in steps of 4096; 16384 with 32768 to 122880 in steps of 8192."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["X86_64", "ARM64"], service.cpu_architecture)])
    error_message = "The architecture of a task is X86_64 or ARM64."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for reference in values(service.secrets) : can(regex("^arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:|ssm:[a-z0-9-]+:[0-9]{12}:parameter/).+", reference))]]))
    error_message = "A secret is a reference: the ARN of a secret in Secrets Manager (optionally with :JSON-KEY:STAGE:VERSION) or of a parameter in Systems Manager. A value must never be written here, because it would be stored in the state and shown in the task definition."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(setintersection(keys(service.environment), keys(service.secrets))) == 0])
    error_message = "The same name must not be in both environment and secrets, because ECS refuses such a container."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.task_policy == null || can(jsondecode(service.task_policy))])
    error_message = "task_policy must be JSON: the document of an IAM policy, such as jsonencode({ … }) gives."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["CMD", "CMD-SHELL"], service.health_check.command[0]) if try(length(service.health_check.command) > 0, false)]) && !anytrue([for service in values(var.services) : length(service.health_check.command) < 2 if service.health_check != null])
    error_message = "The command of a health check begins with CMD or CMD-SHELL, followed by the command to run, such as [\"CMD-SHELL\", \"curl -f http://localhost:8080/health\"]."
  }

  validation {
    condition = alltrue([
      for service in values(var.services) : service.health_check.interval >= 5 && service.health_check.interval <= 300 &&
      service.health_check.timeout >= 2 && service.health_check.timeout <= 60 &&
      service.health_check.retries >= 1 && service.health_check.retries <= 10 &&
      service.health_check.start_period >= 0 && service.health_check.start_period <= 300
      if service.health_check != null
    ])
    error_message = "ECS takes a health check with an interval of 5 to 300 seconds, a timeout of 2 to 60 seconds, 1 to 10 retries, and a start period of 0 to 300 seconds."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.min_capacity >= 0 && service.max_capacity >= 1 && floor(service.min_capacity) == service.min_capacity && floor(service.max_capacity) == service.max_capacity])
    error_message = "min_capacity is a whole number, at least 0, and max_capacity a whole number, at least 1."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.min_capacity <= service.max_capacity])
    error_message = "min_capacity must not be above max_capacity."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.desired_count >= service.min_capacity && service.desired_count <= service.max_capacity if service.desired_count != null])
    error_message = "desired_count, the number of tasks to start with, must be from min_capacity to max_capacity; Application Auto Scaling would change it at once otherwise."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for target in [service.scaling.cpu_target, service.scaling.memory_target] : target >= 0 && target <= 100]]))
    error_message = "A target for CPU or memory is a number of percent, at most 100; 0 leaves the policy out."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for time in [service.scaling.scale_out_cooldown, service.scaling.scale_in_cooldown] : can(regex("^([0-9]+h)?([0-9]+m)?([0-9]+s)?$", time)) && time != ""]]))
    error_message = "A cooldown is a time in whole hours, minutes and seconds, such as \"90s\", \"5m\" or \"1h30m\"; \"0s\" is none."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.scaling.cpu_target > 0 || service.scaling.memory_target > 0 || length(service.scaling.target_tracking) + length(service.scaling.step) + length(service.scaling.predictive) + length(service.scaling.scheduled_actions) > 0])
    error_message = "Something must scale every service: cpu_target, memory_target, target_tracking, step, predictive or scheduled_actions. For a fixed number of tasks, set min_capacity and max_capacity to that number."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for metric, target in { cpu = service.scaling.cpu_target, memory = service.scaling.memory_target } : target > 0 && contains(keys(service.scaling.target_tracking), metric)]]))
    error_message = "The names cpu and memory in target_tracking are those of the policies that cpu_target and memory_target make. Set the target to 0 to write the policy yourself."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for policies in [values(service.scaling.target_tracking), values(service.scaling.predictive)] : [for policy in policies : policy.metric == "requests_per_target"]]]))
    error_message = "requests_per_target follows one target group, and a service behind a load balancer moves between two: after a deployment the policy would see no requests and remove tasks under full load. Use metric_math that adds RequestCount of both target groups and divides the sum by the running tasks."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.load_balancer.target_group_arns) == 2 if service.load_balancer != null])
    error_message = "A service behind a load balancer needs exactly two target groups, between which its deployments alternate."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["ecs", "codedeploy"], service.deployment.controller)])
    error_message = "The controller is ecs (ECS moves the traffic) or codedeploy (AWS CodeDeploy does)."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["rolling", "all_at_once", "canary", "linear", "steps"], service.deployment.strategy) if service.deployment.strategy != null])
    error_message = "The strategy is rolling, all_at_once, canary, linear or steps."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.strategy == "rolling" && service.load_balancer != null])
    error_message = "A service with a pair of target groups is deployed side by side: all_at_once, canary, linear or steps. The strategy rolling is for services without load balancer."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.load_balancer == null && coalesce(service.deployment.strategy, "rolling") != "rolling"])
    error_message = "A service without load balancer has no traffic to shift: its strategy is rolling."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.circuit_breaker != null && service.deployment.controller == "codedeploy"])
    error_message = "The deployment circuit breaker belongs to rolling deployments of ECS itself; it does not exist under CodeDeploy. The deployment group's automatic rollback handles failed deployments."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.circuit_breaker != null && service.load_balancer != null && service.deployment.controller == "ecs"])
    error_message = "The deployment circuit breaker belongs to the strategy rolling. Deployments with two sides roll back automatically when tasks keep failing, and on gates and alarms."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "codedeploy" && (service.load_balancer == null || service.deployment.codedeploy == null)])
    error_message = "The controller codedeploy needs load_balancer, and deployment.codedeploy with the names of the application and the deployment group."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for event in keys(coalesce(try(service.deployment.codedeploy.hooks, null), {})) : contains(["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"], event)]]))
    error_message = "CodeDeploy calls functions at BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic and AfterAllowTraffic; it has no other hooks for ECS."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "ecs" && service.deployment.codedeploy != null])
    error_message = "deployment.codedeploy is for the controller codedeploy."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "codedeploy" && (service.deployment.bake_time != null || length(service.deployment.alarms) > 0 || service.deployment.strategy == "steps")])
    error_message = "With the controller codedeploy the deployment group says how long old tasks keep running and which alarms stop a deployment, and there is no strategy steps. Use the codedeploy module's termination_minutes, alarms and custom_configs."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything the module creates."
  default     = {}
}
