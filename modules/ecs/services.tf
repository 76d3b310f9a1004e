resource "aws_ecs_task_definition" "this" {
  for_each = local.services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn
  task_role_arn            = aws_iam_role.task[each.key].arn
  tags                     = merge(var.tags, each.value.tags)

  # A rollback needs the old revision, so Terraform must not deregister it.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.cpu_architecture
  }

  # Settings that are not there are left out, because ECS does not give nulls back.
  container_definitions = jsonencode([{
    for key, value in {
      name                   = each.key
      image                  = coalesce(each.value.base_image, each.value.image)
      essential              = true
      portMappings           = [{ containerPort = each.value.port, protocol = "tcp" }]
      command                = each.value.command
      user                   = each.value.user
      readonlyRootFilesystem = each.value.readonly_root_filesystem ? true : null
      environment            = [for name, text in each.value.environment : { name = name, value = text }]
      secrets                = [for name, reference in each.value.secrets : { name = name, valueFrom = reference }]
      healthCheck = each.value.health_check == null ? null : {
        command     = each.value.health_check.command
        interval    = each.value.health_check.interval
        timeout     = each.value.health_check.timeout
        retries     = each.value.health_check.retries
        startPeriod = each.value.health_check.start_period
      }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.this[each.key].name
          awslogs-region        = local.region
          awslogs-stream-prefix = each.key
        }
      }
    } : key => value if value != null
  }])
}

resource "switchyard_blue_green_service" "this" {
  for_each = local.services

  name                      = each.key
  cluster                   = aws_ecs_cluster.this[0].arn
  task_definition           = aws_ecs_task_definition.this[each.key].arn
  task_definition_owner     = each.value.task_definition_owner
  images                    = each.value.task_definition_owner == "images" ? { (each.key) = each.value.image } : null
  revision_retention        = each.value.revision_retention
  controller                = each.value.deployment.controller
  platform_version          = each.value.platform_version
  health_check_grace_period = each.value.health_check_grace_period
  enable_execute_command    = each.value.enable_execute_command
  enable_ecs_managed_tags   = each.value.enable_ecs_managed_tags
  propagate_tags            = each.value.propagate_tags
  redeploy_triggers         = each.value.redeploy_triggers
  redeploy_failed           = each.value.redeploy_failed
  restore_snapshot          = each.value.restore_snapshot
  on_cancel                 = each.value.on_cancel
  on_foreign_deployment     = each.value.on_foreign_deployment
  report_path               = each.value.report_path
  tags                      = merge(var.tags, each.value.tags)

  # Only the number to start with: Application Auto Scaling decides from then on.
  desired_count       = coalesce(each.value.desired_count, each.value.min_capacity)
  desired_count_owner = "autoscaler"

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.tasks[0].id]
    assign_public_ip = var.assign_public_ip
  }

  # Under CodeDeploy the rule only says where the first tasks start, and ECS moves nothing.
  dynamic "load_balancer" {
    for_each = each.value.load_balancer[*]

    content {
      container_name           = each.key
      container_port           = each.value.port
      target_groups            = load_balancer.value.target_group_arns
      production_listener_rule = load_balancer.value.production_rule_arn
      test_listener_rule       = each.value.deployment.controller == "ecs" ? load_balancer.value.test_rule_arn : null
      role_arn                 = each.value.deployment.controller == "ecs" ? aws_iam_role.infrastructure[0].arn : null
    }
  }

  deployment {
    strategy          = coalesce(each.value.deployment.strategy, each.value.load_balancer == null ? "rolling" : "all_at_once")
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
      for_each = each.value.deployment.steps == null ? [] : each.value.deployment.steps

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
      for_each = each.value.deployment.lifecycle_hooks == null ? [] : each.value.deployment.lifecycle_hooks

      content {
        stages       = lifecycle_hook.value.stages
        function_arn = lifecycle_hook.value.function_arn
        role_arn     = lifecycle_hook.value.role_arn
        details      = lifecycle_hook.value.details
        timeout      = lifecycle_hook.value.timeout
        on_timeout   = lifecycle_hook.value.on_timeout
      }
    }

    dynamic "freeze" {
      for_each = each.value.deployment.freeze == null ? [] : each.value.deployment.freeze

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
    for_each = each.value.gates == null ? [] : each.value.gates

    content {
      name            = gate.value.name
      when            = gate.value.when
      class           = gate.value.class
      area            = gate.value.area
      observe_only    = gate.value.observe_only
      on_inconclusive = gate.value.on_inconclusive
      time_limit      = gate.value.time_limit

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
          attempts           = http.value.attempts
          interval           = http.value.interval
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

          dynamic "query" {
            for_each = metric.value.query == null ? [] : metric.value.query

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
    aws_vpc_security_group_egress_rule.tasks,
  ]
}
