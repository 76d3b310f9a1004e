data "aws_partition" "current" {}

# Defaults and types of the settings; names that do not exist are errors.
module "shape" {
  source = "./shape"

  services = var.services
  written  = var.services
}

locals {
  services = { for name, service in module.shape.services : name => service if var.create }

  # A configuration cannot be changed, only replaced, and not while a group uses it: its content is in its name, so
  # that a new one exists before the old one goes.
  configs = {
    for key, config in var.custom_configs : key => config.canary != null ? {
      name = "${var.name}-${key}-canary-${config.canary.percent}-${config.canary.minutes}m"
      type = "TimeBasedCanary"
      } : {
      name = "${var.name}-${key}-linear-${config.linear.percent}-${config.linear.minutes}m"
      type = "TimeBasedLinear"
    }
  }

  hook_functions = distinct(flatten([for service in values(local.services) : values(service.hooks)]))
  topics         = distinct([for trigger in values(var.triggers) : trigger.topic_arn])
}

resource "aws_codedeploy_app" "this" {
  count = var.create ? 1 : 0

  name             = var.name
  compute_platform = "ECS"
  tags             = var.tags
}

resource "aws_codedeploy_deployment_config" "this" {
  for_each = { for key, config in var.custom_configs : key => config if var.create }

  deployment_config_name = local.configs[each.key].name
  compute_platform       = "ECS"

  traffic_routing_config {
    type = local.configs[each.key].type

    dynamic "time_based_canary" {
      for_each = each.value.canary[*]

      content {
        percentage = time_based_canary.value.percent
        interval   = time_based_canary.value.minutes
      }
    }

    dynamic "time_based_linear" {
      for_each = each.value.linear[*]

      content {
        percentage = time_based_linear.value.percent
        interval   = time_based_linear.value.minutes
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_codedeploy_deployment_group" "this" {
  for_each = local.services

  app_name              = aws_codedeploy_app.this[0].name
  deployment_group_name = "${var.name}-${each.key}"
  service_role_arn      = local.role_arn
  tags                  = var.tags

  # For deployments that others start; those of `terraform apply` name their own.
  deployment_config_name = (
    startswith(each.value.deployment_config, "CodeDeployDefault.")
    ? each.value.deployment_config
    : try(aws_codedeploy_deployment_config.this[each.value.deployment_config].deployment_config_name, "unknown")
  )

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  ecs_service {
    cluster_name = var.cluster_name
    service_name = each.value.service_name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [each.value.production_listener_arn]
      }

      dynamic "test_traffic_route" {
        for_each = each.value.test_listener_arn[*]

        content {
          listener_arns = [test_traffic_route.value]
        }
      }

      dynamic "target_group" {
        for_each = each.value.target_group_names

        content {
          name = target_group.value
        }
      }
    }
  }

  blue_green_deployment_config {
    # CodeDeploy refuses a wait together with CONTINUE_DEPLOYMENT.
    deployment_ready_option {
      action_on_timeout    = each.value.ready_wait_minutes > 0 ? "STOP_DEPLOYMENT" : "CONTINUE_DEPLOYMENT"
      wait_time_in_minutes = each.value.ready_wait_minutes > 0 ? each.value.ready_wait_minutes : null
    }

    terminate_blue_instances_on_deployment_success {
      action                           = each.value.termination_action
      termination_wait_time_in_minutes = each.value.termination_minutes
    }
  }

  auto_rollback_configuration {
    enabled = length(each.value.rollback_on) > 0
    events  = each.value.rollback_on
  }

  dynamic "alarm_configuration" {
    for_each = length(each.value.alarms) > 0 ? [each.value] : []

    content {
      enabled                   = true
      alarms                    = alarm_configuration.value.alarms
      ignore_poll_alarm_failure = alarm_configuration.value.ignore_unknown_alarms
    }
  }

  dynamic "trigger_configuration" {
    for_each = var.triggers

    content {
      trigger_name       = trigger_configuration.key
      trigger_target_arn = trigger_configuration.value.topic_arn
      trigger_events     = trigger_configuration.value.events
    }
  }

  lifecycle {
    precondition {
      condition     = startswith(each.value.deployment_config, "CodeDeployDefault.") || contains(keys(var.custom_configs), each.value.deployment_config)
      error_message = "The service ${each.key} names the configuration ${each.value.deployment_config}, which is neither one of AWS (CodeDeployDefault.ECS…) nor a key of custom_configs."
    }
  }

  depends_on = [
    aws_iam_role_policy_attachment.this,
    aws_iam_role_policy.this,
  ]
}
