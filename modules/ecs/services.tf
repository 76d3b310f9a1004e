locals {
  # Only deployments with two sides move traffic, and only those of ECS itself need its role.
  strategies = {
    for name, service in local.services : name =>
    coalesce(service.deployment.strategy, service.deployment.controller == "external" ? "steps" : try(length(service.load_balancer.target_group_arns), 0) == 2 ? "all_at_once" : "rolling")
  }
  moved_by_ecs = { for name, service in local.services : name => service.deployment.controller == "ecs" && local.strategies[name] != "rolling" }

  # Daemons have one task on each instance, and no scaling.
  scaled = { for name, service in local.services : name => service.scheduling_strategy != "DAEMON" }
}

resource "switchyard_blue_green_service" "this" {
  for_each = local.services

  name                          = each.key
  cluster                       = local.cluster_arn
  task_definition               = aws_ecs_task_definition.this[each.key].arn
  task_definition_owner         = each.value.task_definition_owner
  images                        = each.value.task_definition_owner == "images" ? { (local.container_names[each.key]) = each.value.image } : null
  revision_retention            = each.value.revision_retention
  controller                    = each.value.deployment.controller
  launch_type                   = each.value.launch_type
  scheduling_strategy           = each.value.scheduling_strategy
  availability_zone_rebalancing = each.value.availability_zone_rebalancing
  platform_version              = each.value.platform_version
  health_check_grace_period     = each.value.health_check_grace_period
  enable_execute_command        = each.value.enable_execute_command
  enable_ecs_managed_tags       = each.value.enable_ecs_managed_tags
  propagate_tags                = each.value.propagate_tags
  redeploy_triggers             = each.value.redeploy_triggers
  redeploy_failed               = each.value.redeploy_failed
  restore_snapshot              = each.value.restore_snapshot
  on_cancel                     = each.value.on_cancel
  on_foreign_deployment         = each.value.on_foreign_deployment
  report_path                   = each.value.report_path
  before_traffic                = each.value.before_traffic
  tags                          = merge(var.tags, each.value.tags)

  # Only the number to start with: Application Auto Scaling decides from then on. A daemon has no number.
  desired_count       = local.scaled[each.key] ? coalesce(each.value.desired_count, each.value.min_capacity) : null
  desired_count_owner = local.scaled[each.key] ? "autoscaler" : null

  dynamic "capacity_provider_strategy" {
    for_each = each.value.launch_type != null ? [] : each.value.capacity_provider_strategy != null ? each.value.capacity_provider_strategy : local.capacity

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = coalesce(each.value.subnet_ids, var.subnet_ids)
    security_groups  = concat([local.group_ids[each.key]], each.value.security_group_ids)
    assign_public_ip = each.value.assign_public_ip == null ? var.assign_public_ip : each.value.assign_public_ip
  }

  # Under CodeDeploy the rule only says where the first tasks start, and ECS moves nothing; nor does it under rolling. Under
  # external the apply moves both rules, with the rights of who applies.
  dynamic "load_balancer" {
    for_each = each.value.load_balancer[*]

    content {
      container_name           = local.container_names[each.key]
      container_port           = each.value.port
      target_groups            = load_balancer.value.target_group_arns
      production_listener_rule = local.strategies[each.key] == "rolling" ? null : load_balancer.value.production_rule_arn
      test_listener_rule       = local.moved_by_ecs[each.key] || each.value.deployment.controller == "external" ? load_balancer.value.test_rule_arn : null
      role_arn                 = local.moved_by_ecs[each.key] ? local.infrastructure_role_arn : null
    }
  }

  dynamic "additional_load_balancer" {
    for_each = each.value.additional_load_balancer

    content {
      target_group_arn           = additional_load_balancer.value.target_group_arn
      container_name             = coalesce(additional_load_balancer.value.container_name, local.container_names[each.key])
      container_port             = coalesce(additional_load_balancer.value.container_port, each.value.port)
      alternate_target_group_arn = additional_load_balancer.value.alternate_target_group_arn
      production_listener_rule   = additional_load_balancer.value.production_rule_arn
      test_listener_rule         = additional_load_balancer.value.test_rule_arn
      role_arn                   = additional_load_balancer.value.alternate_target_group_arn == null ? null : local.infrastructure_role_arn
    }
  }

  dynamic "placement_constraints" {
    for_each = each.value.placement_constraints

    content {
      type       = placement_constraints.value.type
      expression = placement_constraints.value.expression
    }
  }

  dynamic "ordered_placement_strategy" {
    for_each = each.value.ordered_placement_strategy

    content {
      type  = ordered_placement_strategy.value.type
      field = ordered_placement_strategy.value.field
    }
  }

  dynamic "service_connect_configuration" {
    for_each = each.value.service_connect_configuration[*]

    content {
      enabled   = service_connect_configuration.value.enabled
      namespace = service_connect_configuration.value.enabled ? try(coalesce(service_connect_configuration.value.namespace, local.namespace_arn), null) : null

      dynamic "service" {
        for_each = service_connect_configuration.value.service

        content {
          port_name             = coalesce(service.value.port_name, local.port_names[each.key])
          discovery_name        = service.value.discovery_name
          ingress_port_override = service.value.ingress_port_override

          dynamic "client_alias" {
            for_each = service.value.client_alias

            content {
              port     = client_alias.value.port
              dns_name = client_alias.value.dns_name

              dynamic "test_traffic_rules" {
                for_each = client_alias.value.test_traffic_rules[*]

                content {
                  dynamic "header" {
                    for_each = test_traffic_rules.value.header[*]

                    content {
                      name = header.value.name

                      dynamic "value" {
                        for_each = header.value.value[*]

                        content {
                          exact = value.value.exact
                        }
                      }
                    }
                  }
                }
              }
            }
          }

          dynamic "timeout" {
            for_each = service.value.timeout[*]

            content {
              idle_timeout_seconds        = timeout.value.idle_timeout_seconds
              per_request_timeout_seconds = timeout.value.per_request_timeout_seconds
            }
          }

          dynamic "tls" {
            for_each = service.value.tls[*]

            content {
              kms_key  = tls.value.kms_key
              role_arn = coalesce(tls.value.role_arn, local.infrastructure_role_arn)

              issuer_cert_authority {
                aws_pca_authority_arn = tls.value.issuer_cert_authority.aws_pca_authority_arn
              }
            }
          }
        }
      }

      dynamic "log_configuration" {
        for_each = service_connect_configuration.value.log_configuration[*]

        content {
          log_driver = log_configuration.value.log_driver
          options    = log_configuration.value.options

          dynamic "secret_option" {
            for_each = log_configuration.value.secret_option

            content {
              name       = secret_option.value.name
              value_from = secret_option.value.value_from
            }
          }
        }
      }

      dynamic "access_log_configuration" {
        for_each = service_connect_configuration.value.access_log_configuration[*]

        content {
          format                   = access_log_configuration.value.format
          include_query_parameters = access_log_configuration.value.include_query_parameters
        }
      }
    }
  }

  dynamic "service_registries" {
    for_each = each.value.service_registries[*]

    content {
      registry_arn   = service_registries.value.registry_arn
      port           = service_registries.value.port
      container_name = service_registries.value.container_name
      container_port = service_registries.value.container_port
    }
  }

  dynamic "volume_configuration" {
    for_each = each.value.volume_configuration[*]

    content {
      name = volume_configuration.value.name

      dynamic "managed_ebs_volume" {
        for_each = [volume_configuration.value.managed_ebs_volume]

        content {
          role_arn                   = coalesce(managed_ebs_volume.value.role_arn, local.infrastructure_role_arn)
          size_in_gb                 = managed_ebs_volume.value.size_in_gb
          snapshot_id                = managed_ebs_volume.value.snapshot_id
          volume_type                = managed_ebs_volume.value.volume_type
          iops                       = managed_ebs_volume.value.iops
          throughput                 = managed_ebs_volume.value.throughput
          volume_initialization_rate = managed_ebs_volume.value.volume_initialization_rate
          file_system_type           = managed_ebs_volume.value.file_system_type
          encrypted                  = managed_ebs_volume.value.encrypted
          kms_key_id                 = managed_ebs_volume.value.kms_key_id

          dynamic "tag_specifications" {
            for_each = managed_ebs_volume.value.tag_specifications

            content {
              resource_type  = tag_specifications.value.resource_type
              propagate_tags = tag_specifications.value.propagate_tags
              tags           = tag_specifications.value.tags
            }
          }
        }
      }
    }
  }

  dynamic "vpc_lattice_configurations" {
    for_each = each.value.vpc_lattice_configurations

    content {
      role_arn         = coalesce(vpc_lattice_configurations.value.role_arn, local.infrastructure_role_arn)
      target_group_arn = vpc_lattice_configurations.value.target_group_arn
      port_name        = coalesce(vpc_lattice_configurations.value.port_name, local.port_names[each.key])
    }
  }

  deployment {
    strategy          = local.strategies[each.key]
    bake_time         = each.value.deployment.bake_time
    autoscaling       = each.value.deployment.autoscaling
    rollback_strategy = each.value.deployment.rollback_strategy

    maximum_percent         = each.value.deployment.maximum_percent
    minimum_healthy_percent = each.value.deployment.minimum_healthy_percent
    recovery_objective      = each.value.deployment.recovery_objective

    dynamic "canary" {
      for_each = each.value.deployment.canary[*]

      content {
        percent  = canary.value.percent
        interval = canary.value.interval
      }
    }

    dynamic "linear" {
      for_each = each.value.deployment.linear[*]

      content {
        percent  = linear.value.percent
        interval = linear.value.interval
      }
    }

    dynamic "step" {
      for_each = each.value.deployment.steps

      content {
        percent = step.value.percent
        hold    = step.value.hold
      }
    }

    dynamic "circuit_breaker" {
      for_each = each.value.deployment.circuit_breaker[*]

      content {
        enable                = circuit_breaker.value.enable
        rollback              = circuit_breaker.value.rollback
        reset_on_healthy_task = circuit_breaker.value.reset_on_healthy_task

        dynamic "threshold" {
          for_each = circuit_breaker.value.threshold[*]

          content {
            type  = threshold.value.type
            value = threshold.value.value
          }
        }
      }
    }

    dynamic "lifecycle_hook" {
      for_each = each.value.deployment.lifecycle_hooks

      content {
        stages       = lifecycle_hook.value.stages
        function_arn = lifecycle_hook.value.function_arn
        role_arn     = lifecycle_hook.value.role_arn
        details      = lifecycle_hook.value.details
        timeout      = lifecycle_hook.value.timeout
        on_timeout   = lifecycle_hook.value.on_timeout
      }
    }

    dynamic "approval" {
      for_each = each.value.deployment.approval

      content {
        stages     = approval.value.stages
        time_limit = approval.value.time_limit
        on_timeout = approval.value.on_timeout
      }
    }

    dynamic "freeze" {
      for_each = each.value.deployment.freeze

      content {
        reason   = freeze.value.reason
        schedule = freeze.value.schedule
        duration = freeze.value.duration
        dates    = freeze.value.dates
        timezone = freeze.value.timezone
      }
    }

    dynamic "alarms" {
      for_each = length(each.value.deployment.alarms) > 0 ? [each.value.deployment.alarms] : []

      content {
        names    = alarms.value
        rollback = each.value.deployment.alarms_rollback
      }
    }
  }

  dynamic "codedeploy" {
    for_each = each.value.deployment.codedeploy[*]

    content {
      application       = codedeploy.value.application
      deployment_group  = codedeploy.value.deployment_group
      deployment_config = codedeploy.value.deployment_config
      rollback_on       = codedeploy.value.rollback_on
      alarms            = codedeploy.value.alarms

      dynamic "hooks" {
        for_each = codedeploy.value.hooks[*]

        content {
          before_install           = lookup(hooks.value, "BeforeInstall", null)
          after_install            = lookup(hooks.value, "AfterInstall", null)
          after_allow_test_traffic = lookup(hooks.value, "AfterAllowTestTraffic", null)
          before_allow_traffic     = lookup(hooks.value, "BeforeAllowTraffic", null)
          after_allow_traffic      = lookup(hooks.value, "AfterAllowTraffic", null)
        }
      }
    }
  }

  dynamic "gate" {
    for_each = each.value.gates

    content {
      name            = gate.value.name
      when            = gate.value.when
      class           = gate.value.class
      area            = gate.value.area
      observe_only    = gate.value.observe_only
      on_inconclusive = gate.value.on_inconclusive
      time_limit      = gate.value.time_limit
      order           = gate.value.order
      on_failure      = gate.value.on_failure
      watch           = gate.value.watch
      target_group    = gate.value.target_group

      dynamic "http" {
        for_each = gate.value.http[*]

        content {
          url                = http.value.url
          target             = http.value.target
          path               = http.value.path
          method             = http.value.method
          headers            = http.value.headers
          body               = http.value.body
          status             = http.value.status
          body_contains      = http.value.body_contains
          json               = http.value.json
          latency            = http.value.latency
          timeout            = http.value.timeout
          consecutive_passes = http.value.consecutive_passes
          retry_delay        = http.value.retry_delay
          attempts           = http.value.attempts
          interval           = http.value.interval

          dynamic "load" {
            for_each = http.value.load[*]

            content {
              requests    = load.value.requests
              concurrency = load.value.concurrency
              p95         = load.value.p95
              max_errors  = load.value.max_errors
            }
          }
        }
      }

      dynamic "command" {
        for_each = gate.value.command[*]

        content {
          command        = command.value.command
          container_name = command.value.container_name
          environment    = command.value.environment
          attempts       = command.value.attempts
        }
      }

      dynamic "function" {
        for_each = gate.value.function[*]

        content {
          function_name = function.value.function_name
          payload       = function.value.payload
          timeout       = function.value.timeout
          attempts      = function.value.attempts
        }
      }

      dynamic "tcp" {
        for_each = gate.value.tcp[*]

        content {
          host     = tcp.value.host
          port     = tcp.value.port
          timeout  = tcp.value.timeout
          attempts = tcp.value.attempts
        }
      }

      dynamic "tls" {
        for_each = gate.value.tls[*]

        content {
          host         = tls.value.host
          port         = tls.value.port
          server_name  = tls.value.server_name
          minimum_days = tls.value.minimum_days
          timeout      = tls.value.timeout
          attempts     = tls.value.attempts
        }
      }

      dynamic "dependency" {
        for_each = gate.value.dependency[*]

        content {
          cluster       = dependency.value.cluster
          service       = dependency.value.service
          minimum_score = dependency.value.minimum_score
          attempts      = dependency.value.attempts
        }
      }

      dynamic "metric" {
        for_each = gate.value.metric[*]

        content {
          predefined            = metric.value.predefined
          result                = metric.value.result
          success_when          = metric.value.success_when
          failure_when          = metric.value.failure_when
          compare_percent       = metric.value.compare_percent
          interval              = metric.value.interval
          initial_delay         = metric.value.initial_delay
          failure_limit         = metric.value.failure_limit
          consecutive_successes = metric.value.consecutive_successes
          no_data               = metric.value.no_data
          not_a_number          = metric.value.not_a_number
          minimum_requests      = metric.value.minimum_requests

          dynamic "anomaly" {
            for_each = metric.value.anomaly[*]

            content {
              width = anomaly.value.width
              bad   = anomaly.value.bad
              of    = anomaly.value.of
            }
          }

          dynamic "query" {
            for_each = metric.value.query

            content {
              id         = query.value.id
              expression = query.value.expression
              namespace  = query.value.namespace
              name       = query.value.name
              dimensions = query.value.dimensions
              statistic  = query.value.statistic
              period     = query.value.period
            }
          }
        }
      }
    }
  }

  dynamic "health_score" {
    for_each = each.value.health_score[*]

    content {
      minimum   = health_score.value.minimum
      pass_rate = health_score.value.pass_rate
    }
  }

  dynamic "preflight" {
    for_each = each.value.preflight[*]

    content {
      warn_only = preflight.value.warn_only
    }
  }

  dynamic "snapshots" {
    for_each = each.value.snapshots[*]

    content {
      folder = snapshots.value.folder
      before = snapshots.value.before
      after  = snapshots.value.after
      keep   = snapshots.value.keep

      dynamic "bucket" {
        for_each = snapshots.value.bucket[*]

        content {
          name    = bucket.value.name
          prefix  = bucket.value.prefix
          region  = bucket.value.region
          kms_key = bucket.value.kms_key
        }
      }

      dynamic "copy_to" {
        for_each = snapshots.value.copy_to[*]

        content {
          name    = copy_to.value.name
          prefix  = copy_to.value.prefix
          region  = copy_to.value.region
          kms_key = copy_to.value.kms_key
        }
      }

      dynamic "retention" {
        for_each = snapshots.value.retention[*]

        content {
          count   = retention.value.count
          max_age = retention.value.max_age
        }
      }
    }
  }

  dynamic "timeouts" {
    for_each = each.value.timeouts[*]

    content {
      create = timeouts.value.create
      update = timeouts.value.update
      delete = timeouts.value.delete
    }
  }

  # Needed while tasks run, and not referred to above: the rights to start them and to move traffic, the ways in and
  # out, and the capacity.
  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_iam_role_policy.exec,
    aws_iam_role_policy_attachment.infrastructure,
    aws_vpc_security_group_ingress_rule.load_balancer,
    aws_vpc_security_group_ingress_rule.service_connect,
    aws_vpc_security_group_egress_rule.service_connect,
    aws_vpc_security_group_egress_rule.tasks,
    aws_vpc_security_group_ingress_rule.segment_load_balancer,
    aws_vpc_security_group_ingress_rule.segment_calls,
    aws_vpc_security_group_egress_rule.segment_calls,
    aws_vpc_security_group_egress_rule.segment,
  ]
}
