# The settings of a service, their types and defaults. Terraform silently drops names that are not in here, so that the
# module itself takes any, and outputs.tf compares.

variable "written" {
  type        = any
  description = "The services as they are written, with the names that Terraform drops."
  default     = null
}

variable "services" {
  type = map(object({
    image                    = string
    base_image               = optional(string)
    port                     = optional(number, 8080)
    protocol                 = optional(string, "tcp")
    port_name                = optional(string)
    app_protocol             = optional(string)
    cpu                      = optional(number, 256)
    memory                   = optional(number, 512)
    ephemeral_storage        = optional(number)
    cpu_architecture         = optional(string, "X86_64")
    requires_compatibilities = optional(list(string), ["FARGATE"])
    container_name           = optional(string)
    container_definitions    = optional(string)
    command                  = optional(list(string))
    user                     = optional(string)
    readonly_root_filesystem = optional(bool, false)
    environment              = optional(map(string), {})
    secrets                  = optional(map(string), {})
    mount_points             = optional(map(string), {})
    create_execution_role    = optional(bool, true)
    execution_role_arn       = optional(string)
    create_task_role         = optional(bool, true)
    task_role_arn            = optional(string)
    task_policy              = optional(string)

    volumes = optional(map(object({
      host_path           = optional(string)
      configure_at_launch = optional(bool)
      efs_volume_configuration = optional(object({
        file_system_id          = string
        root_directory          = optional(string)
        transit_encryption      = optional(string, "ENABLED")
        transit_encryption_port = optional(number)
        authorization_config    = optional(object({ access_point_id = optional(string), iam = optional(string) }))
      }))
    })), {})

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
        target_group_arn   = optional(string)
        load_balancer_arn  = optional(string)
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
        target_group_arn             = optional(string)
        load_balancer_arn            = optional(string)
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
      production_rule_arn = optional(string)
      test_rule_arn       = optional(string)
      health_check_port   = optional(number)
    }))
    additional_load_balancer = optional(list(object({
      target_group_arn           = string
      alternate_target_group_arn = optional(string)
      production_rule_arn        = optional(string)
      test_rule_arn              = optional(string)
      container_name             = optional(string)
      container_port             = optional(number)
    })), [])

    subnet_ids            = optional(list(string))
    security_group_ids    = optional(list(string), [])
    create_security_group = optional(bool, false)
    allowed_services      = optional(list(string), [])
    assign_public_ip      = optional(bool)

    launch_type = optional(string)
    capacity_provider_strategy = optional(list(object({
      capacity_provider = string
      base              = optional(number)
      weight            = optional(number)
    })))
    scheduling_strategy           = optional(string)
    availability_zone_rebalancing = optional(string)
    placement_constraints         = optional(list(object({ type = string, expression = optional(string) })), [])
    ordered_placement_strategy    = optional(list(object({ type = string, field = optional(string) })), [])

    health_check_grace_period = optional(string)
    platform_version          = optional(string)
    task_definition_owner     = optional(string, "terraform")
    revision_retention        = optional(number)
    redeploy_triggers         = optional(map(string))
    redeploy_failed           = optional(bool)
    on_cancel                 = optional(string)
    on_foreign_deployment     = optional(string)
    restore_snapshot          = optional(string)
    enable_ecs_managed_tags   = optional(bool, true)
    propagate_tags            = optional(string, "SERVICE")
    tags                      = optional(map(string), {})

    service_connect_configuration = optional(object({
      enabled   = optional(bool, true)
      namespace = optional(string)

      service = optional(list(object({
        port_name             = optional(string)
        discovery_name        = optional(string)
        ingress_port_override = optional(number)

        client_alias = optional(list(object({
          port     = number
          dns_name = optional(string)
          test_traffic_rules = optional(object({
            header = optional(object({ name = string, value = optional(object({ exact = string })) }))
          }))
        })), [])

        timeout = optional(object({ idle_timeout_seconds = optional(number), per_request_timeout_seconds = optional(number) }))
        tls = optional(object({
          kms_key               = optional(string)
          role_arn              = optional(string)
          issuer_cert_authority = object({ aws_pca_authority_arn = string })
        }))
      })), [])

      log_configuration = optional(object({
        log_driver    = string
        options       = optional(map(string))
        secret_option = optional(list(object({ name = string, value_from = string })), [])
      }))
      access_log_configuration = optional(object({ format = string, include_query_parameters = optional(string) }))
    }))

    service_registries = optional(object({
      registry_arn   = string
      port           = optional(number)
      container_name = optional(string)
      container_port = optional(number)
    }))

    volume_configuration = optional(object({
      name = string
      managed_ebs_volume = object({
        role_arn                   = optional(string)
        size_in_gb                 = optional(number)
        snapshot_id                = optional(string)
        volume_type                = optional(string)
        iops                       = optional(number)
        throughput                 = optional(number)
        volume_initialization_rate = optional(number)
        file_system_type           = optional(string)
        encrypted                  = optional(bool)
        kms_key_id                 = optional(string)
        tag_specifications = optional(list(object({
          resource_type  = optional(string, "volume")
          propagate_tags = optional(string)
          tags           = optional(map(string))
        })), [])
      })
    }))

    vpc_lattice_configurations = optional(list(object({
      role_arn         = optional(string)
      target_group_arn = string
      port_name        = optional(string)
    })), [])

    timeouts     = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }))
    health_score = optional(object({ minimum = optional(number), pass_rate = optional(number) }))
    preflight    = optional(object({ warn_only = list(string) }))

    snapshots = optional(object({
      folder    = optional(string)
      before    = optional(bool)
      after     = optional(bool)
      keep      = optional(list(string))
      bucket    = optional(object({ name = string, prefix = optional(string), region = optional(string), kms_key = optional(string) }))
      copy_to   = optional(object({ name = string, prefix = optional(string), region = optional(string), kms_key = optional(string) }))
      retention = optional(object({ count = optional(number), max_age = optional(string) }))
    }))

    deployment = optional(object({
      controller  = optional(string, "ecs")
      strategy    = optional(string)
      canary      = optional(object({ percent = number, interval = string }))
      linear      = optional(object({ percent = number, interval = string }))
      steps       = optional(list(object({ percent = number, hold = optional(string, "0s") })), [])
      bake_time   = optional(string)
      alarms      = optional(list(string), [])
      autoscaling = optional(string, "keep")

      alarms_rollback         = optional(bool)
      maximum_percent         = optional(number)
      minimum_healthy_percent = optional(number)
      recovery_objective      = optional(string)
      rollback_strategy       = optional(string, "all_at_once")

      circuit_breaker = optional(object({
        enable                = optional(bool, true)
        rollback              = optional(bool, true)
        reset_on_healthy_task = optional(bool)
        threshold             = optional(object({ type = string, value = number }))
      }))

      lifecycle_hooks = optional(list(object({
        stages       = list(string)
        function_arn = string
        role_arn     = string
        details      = optional(string)
        timeout      = optional(string)
        on_timeout   = optional(string)
      })), [])

      approval = optional(list(object({
        stages     = list(string)
        time_limit = optional(string)
        on_timeout = optional(string)
      })), [])

      freeze = optional(list(object({
        reason   = string
        schedule = optional(string)
        duration = optional(string)
        dates    = optional(list(string))
        timezone = optional(string)
      })), [])

      codedeploy = optional(object({
        application       = string
        deployment_group  = string
        deployment_config = optional(string)
        hooks             = optional(map(string))
        rollback_on       = optional(list(string))
        alarms            = optional(list(string))
      }))
    }), {})

    gates = optional(list(object({
      name            = string
      when            = list(string)
      class           = optional(string)
      area            = optional(string)
      observe_only    = optional(bool)
      on_inconclusive = optional(string)
      time_limit      = optional(string)
      order           = optional(number)
      on_failure      = optional(string)
      watch           = optional(string)
      target_group    = optional(string)

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
        retry_delay        = optional(string)
        attempts           = optional(number)
        interval           = optional(string)

        load = optional(object({
          requests    = number
          concurrency = optional(number)
          p95         = optional(string)
          max_errors  = optional(number)
        }))
      }))

      command = optional(object({
        command        = list(string)
        container_name = optional(string)
        environment    = optional(map(string))
        attempts       = optional(number)
      }))

      function = optional(object({
        function_name = string
        payload       = optional(string)
        timeout       = optional(string)
        attempts      = optional(number)
      }))

      tcp = optional(object({
        host     = string
        port     = number
        timeout  = optional(string)
        attempts = optional(number)
      }))

      tls = optional(object({
        host         = string
        port         = optional(number)
        server_name  = optional(string)
        minimum_days = optional(number)
        timeout      = optional(string)
        attempts     = optional(number)
      }))

      dependency = optional(object({
        service       = string
        cluster       = optional(string)
        minimum_score = optional(number)
        attempts      = optional(number)
      }))

      metric = optional(object({
        predefined            = optional(string)
        result                = optional(string)
        success_when          = optional(string)
        failure_when          = optional(string)
        compare_percent       = optional(number)
        anomaly               = optional(object({ width = optional(number), bad = optional(string), of = optional(string) }))
        interval              = optional(string)
        initial_delay         = optional(string)
        failure_limit         = optional(number)
        consecutive_successes = optional(number)
        no_data               = optional(string)
        not_a_number          = optional(string)
        minimum_requests      = optional(number)

        query = optional(list(object({
          id         = string
          expression = optional(string)
          namespace  = optional(string)
          name       = optional(string)
          dimensions = optional(map(string))
          statistic  = optional(string)
          period     = optional(string)
        })), [])
      }))
    })), [])

    enable_execute_command = optional(bool, false)
    report_path            = optional(string)
    before_traffic         = optional(list(string))
  }))
  description = "The services, by name, with the settings that exist and their defaults."

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
    condition     = alltrue([for service in values(var.services) : contains(["tcp", "udp"], service.protocol)])
    error_message = "The protocol of a port is tcp or udp."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["http", "http2", "grpc"], service.app_protocol) if service.app_protocol != null])
    error_message = "app_protocol, which Service Connect uses for metrics and retries, is http, http2 or grpc; leave it out for plain TCP."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.requires_compatibilities) > 0 && length(setsubtract(service.requires_compatibilities, ["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"])) == 0])
    error_message = "requires_compatibilities names where the tasks of a service can run: FARGATE, EC2, EXTERNAL, MANAGED_INSTANCES."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains([256, 512, 1024, 2048, 4096, 8192, 16384], service.cpu) if contains(service.requires_compatibilities, "FARGATE")])
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
      if contains(service.requires_compatibilities, "FARGATE")
    ])
    error_message = "CPU and memory (MiB) must be a pair that Fargate has: 256 with 512, 1024 or 2048; 512 with 1024 to 4096; 1024 with 2048 to 8192; 2048 with 4096 to 16384; 4096 with 8192 to 30720, all in steps of 1024; 8192 with 16384 to 61440 in steps of 4096; 16384 with 32768 to 122880 in steps of 8192."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.ephemeral_storage >= 21 && service.ephemeral_storage <= 200 if service.ephemeral_storage != null])
    error_message = "ephemeral_storage is 21 to 200 GiB; leave it out for the 20 GiB that every task on Fargate has."
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
    condition     = alltrue([for service in values(var.services) : can([for container in jsondecode(service.container_definitions) : container.name]) if service.container_definitions != null])
    error_message = "container_definitions must be the JSON of a list of containers in the names of ECS, each with a name, such as jsonencode([{ name = \"log-router\", … }]) or jsonencode(jsondecode(file(\"task.json\")).containerDefinitions)."
  }

  # What ECS does not know would be dropped silently.
  validation {
    condition = alltrue(flatten([for service in values(var.services) : [for container in try(jsondecode(service.container_definitions), []) : [for name in try(keys(container), []) : contains([
      "command", "cpu", "credentialSpecs", "dependsOn", "disableNetworking", "dnsSearchDomains", "dnsServers", "dockerLabels",
      "dockerSecurityOptions", "entryPoint", "environment", "environmentFiles", "essential", "extraHosts", "firelensConfiguration",
      "healthCheck", "hostname", "image", "interactive", "links", "linuxParameters", "logConfiguration", "memory",
      "memoryReservation", "mountPoints", "name", "portMappings", "privileged", "pseudoTerminal", "readonlyRootFilesystem",
      "repositoryCredentials", "resourceRequirements", "restartPolicy", "secrets", "startTimeout", "stopTimeout", "systemControls",
      "ulimits", "user", "versionConsistency", "volumesFrom", "workingDirectory",
    ], name)]] if service.container_definitions != null]))
    error_message = "A container of container_definitions has a member that ECS does not know. The names are those of the API, such as entryPoint, mountPoints and dependsOn."
  }

  validation {
    condition     = !anytrue(flatten([for name, service in var.services : [for container in try(jsondecode(service.container_definitions), []) : [for pair in [["environment", length(service.environment)], ["secrets", length(service.secrets)], ["mountPoints", length(service.mount_points)], ["command", length(service.command == null ? [] : service.command)]] : contains(keys(container), pair[0]) && pair[1] > 0] if try(container.name, null) == coalesce(service.container_name, name)] if service.container_definitions != null]))
    error_message = "The environment, secrets, mount points or command of a container are written twice: as a setting of the service, and in container_definitions. Write each in one place."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(setsubtract(keys(service.mount_points), concat(keys(service.volumes), [for volume in service.volume_configuration[*] : volume.name]))) == 0])
    error_message = "mount_points names a volume that is neither in volumes nor the one of volume_configuration."
  }

  # Whether a role is made is a setting of its own, because ARNs of roles made in the same apply are not known in time.
  validation {
    condition     = !anytrue([for service in values(var.services) : service.create_execution_role == (service.execution_role_arn != null) || service.create_task_role && service.task_role_arn != null])
    error_message = "For a role that exists, set both: create_execution_role = false with execution_role_arn, or create_task_role = false with task_role_arn."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : !service.create_task_role && (service.task_policy != null || service.enable_execute_command)])
    error_message = "The module does not change a task role that exists: remove task_policy and enable_execute_command and give the role what it needs, or let the module create the role."
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
    condition     = alltrue([for service in values(var.services) : contains(["REPLICA", "DAEMON"], service.scheduling_strategy) if service.scheduling_strategy != null])
    error_message = "The scheduling strategy is REPLICA or DAEMON."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.scheduling_strategy == "DAEMON" && service.desired_count != null])
    error_message = "A daemon has one task on each container instance, and no desired_count."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.launch_type != null && service.capacity_provider_strategy != null])
    error_message = "A service has launch_type or capacity_provider_strategy, not both."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.launch_type != null && !contains(service.requires_compatibilities, coalesce(service.launch_type, "FARGATE"))])
    error_message = "A task definition says where its tasks can run: with launch_type EC2 or EXTERNAL set requires_compatibilities to a list with the same word."
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
    condition     = alltrue([for service in values(var.services) : service.scheduling_strategy == "DAEMON" || service.scaling.cpu_target > 0 || service.scaling.memory_target > 0 || length(service.scaling.target_tracking) + length(service.scaling.step) + length(service.scaling.predictive) + length(service.scaling.scheduled_actions) > 0])
    error_message = "Something must scale every service: cpu_target, memory_target, target_tracking, step, predictive or scheduled_actions. For a fixed number of tasks, set min_capacity and max_capacity to that number."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for metric, target in { cpu = service.scaling.cpu_target, memory = service.scaling.memory_target } : target > 0 && contains(keys(service.scaling.target_tracking), metric)]]))
    error_message = "The names cpu and memory in target_tracking are those of the policies that cpu_target and memory_target make. Set the target to 0 to write the policy yourself."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for policies in [values(service.scaling.target_tracking), values(service.scaling.predictive)] : [for policy in policies : policy.metric == "requests_per_target"]] if try(length(service.load_balancer.target_group_arns), 0) != 1]))
    error_message = "requests_per_target follows one target group, and a service with a pair moves between two: after a deployment the policy would see no requests and remove tasks under full load. Use metric_math that adds RequestCount of both target groups and divides the sum by the running tasks."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains([1, 2], length(service.load_balancer.target_group_arns)) if service.load_balancer != null])
    error_message = "A service behind a load balancer needs two target groups, between which its deployments alternate, or one with the strategy rolling. More of them are written as additional_load_balancer."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for other in service.additional_load_balancer : try(length(service.load_balancer.target_group_arns), 0) == (other.alternate_target_group_arn == null ? 1 : 2) && (other.alternate_target_group_arn == null) == (other.production_rule_arn == null)]]))
    error_message = "Each additional_load_balancer is what load_balancer is: a single target group with the strategy rolling, otherwise a pair (target_group_arn and alternate_target_group_arn) with a rule of its own (production_rule_arn). The first one is written as load_balancer."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : length(service.allowed_services) > 0 && !service.create_security_group])
    error_message = "allowed_services needs create_security_group = true: in the security group that all tasks share, every service has the same address rules."
  }

  validation {
    condition     = length(setsubtract(flatten([for service in values(var.services) : service.allowed_services]), keys(var.services))) == 0
    error_message = "allowed_services names a service that does not exist; it names services of the same map."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["terraform", "images", "external"], service.task_definition_owner)])
    error_message = "The owner of the task definition is terraform (image starts deployments), images (image is put into the live task definition) or external (another tool deploys)."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.base_image != null && service.task_definition_owner != "images"])
    error_message = "base_image is the image of the base task definition; it is for task_definition_owner = \"images\"."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for gate in service.gates : length([for check in [gate.http, gate.metric, gate.command, gate.function, gate.tcp, gate.tls, gate.dependency] : true if check != null]) != 1]]))
    error_message = "A gate has exactly one check: http, metric, command, function, tcp, tls or dependency."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for gate in service.gates : (gate.metric.predefined == null) == (length(gate.metric.query) == 0) if gate.metric != null]]))
    error_message = "The metric of a gate has either predefined or query."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["ecs", "codedeploy", "external"], service.deployment.controller)])
    error_message = "The controller is ecs (ECS moves the traffic), codedeploy (AWS CodeDeploy does) or external (the apply does, with task sets)."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : contains(["rolling", "all_at_once", "canary", "linear", "steps"], service.deployment.strategy) if service.deployment.strategy != null])
    error_message = "The strategy is rolling, all_at_once, canary, linear or steps."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.strategy == "rolling" && length(service.load_balancer.target_group_arns) == 2 if service.load_balancer != null])
    error_message = "A service with a pair of target groups is deployed side by side: all_at_once, canary, linear or steps. The strategy rolling is for services without load balancer, or with one target group."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.load_balancer.target_group_arns) == 2 || coalesce(service.deployment.strategy, "rolling") == "rolling" if service.load_balancer != null])
    error_message = "A service with one target group has no second one to move traffic to: its strategy is rolling."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : service.load_balancer.production_rule_arn != null if try(length(service.load_balancer.target_group_arns), 0) == 2])
    error_message = "With two target groups, production_rule_arn is needed: the listener rule that forwards production traffic to them, or the listener of a Network Load Balancer."
  }

  # Service Connect moves traffic by itself: its proxies know both revisions.
  validation {
    condition     = !anytrue([for service in values(var.services) : service.load_balancer == null && coalesce(service.deployment.strategy, "rolling") != "rolling" && length(try(service.service_connect_configuration.service, [])) == 0])
    error_message = "A service without load balancer and without a port in Service Connect has no traffic to shift: its strategy is rolling."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.circuit_breaker != null && service.deployment.controller != "ecs"])
    error_message = "The deployment circuit breaker belongs to rolling deployments of ECS itself; the controllers codedeploy and external do not have it. The deployment group's automatic rollback handles failed deployments of CodeDeploy; under external the apply goes back when tasks keep failing."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.circuit_breaker != null && try(length(service.load_balancer.target_group_arns), 0) == 2 && service.deployment.controller == "ecs"])
    error_message = "The deployment circuit breaker belongs to the strategy rolling. Deployments with two sides roll back automatically when tasks keep failing, and on gates and alarms."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "codedeploy" && (try(length(service.load_balancer.target_group_arns), 0) != 2 || service.deployment.codedeploy == null)])
    error_message = "The controller codedeploy needs load_balancer with two target groups, and deployment.codedeploy with the names of the application and the deployment group."
  }

  validation {
    condition     = alltrue(flatten([for service in values(var.services) : [for event in keys(coalesce(try(service.deployment.codedeploy.hooks, null), {})) : contains(["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"], event)]]))
    error_message = "CodeDeploy calls functions at BeforeInstall, AfterInstall, AfterAllowTestTraffic, BeforeAllowTraffic and AfterAllowTraffic; it has no other hooks for ECS."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller != "codedeploy" && service.deployment.codedeploy != null])
    error_message = "deployment.codedeploy is for the controller codedeploy."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "codedeploy" && (service.deployment.bake_time != null || length(service.deployment.alarms) > 0 || service.deployment.strategy == "steps")])
    error_message = "With the controller codedeploy the deployment group says how long old tasks keep running and which alarms stop a deployment, and there is no strategy steps. Use the codedeploy module's termination_minutes, alarms and custom_configs."
  }
  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "external" && try(length(service.load_balancer.target_group_arns), 0) != 2])
    error_message = "The controller external moves traffic by the weights of a listener rule: it needs load_balancer with two target groups."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "external" && (coalesce(service.deployment.strategy, "steps") != "steps" || length(service.deployment.steps) == 0)])
    error_message = "The controller external has one strategy, steps: deployment.steps names a weight for each step, and [{ percent = 100, hold = \"10m\" }] moves everything at once."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller == "external" && (service.deployment.bake_time != null || length(service.deployment.alarms) > 0 || length(service.deployment.lifecycle_hooks) > 0 || length(service.deployment.approval) > 0)])
    error_message = "bake_time, alarms, lifecycle_hooks and approval are carried out by ECS, for the controller ecs. Under external the hold of the last step says how long both revisions run, and gates decide."
  }

  validation {
    condition     = !anytrue(flatten([for service in values(var.services) : [for step in service.deployment.steps : step.hold == "approval"] if service.deployment.controller == "external"]))
    error_message = "hold = \"approval\" is a pause of ECS, which only the controller ecs has. Under external a step holds for a time, and gates decide."
  }

  validation {
    condition     = !anytrue([for service in values(var.services) : service.deployment.controller != "ecs" && (length(service.additional_load_balancer) > 0 || service.availability_zone_rebalancing != null || service.service_connect_configuration != null || service.volume_configuration != null || length(service.vpc_lattice_configurations) > 0)])
    error_message = "additional_load_balancer, availability_zone_rebalancing, service_connect_configuration, volume_configuration and vpc_lattice_configurations are offered by ECS only to services whose deployments it carries out itself: the controller ecs."
  }
}
