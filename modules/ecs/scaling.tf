locals {
  # cpu and memory by their targets, besides the service's own; 0 leaves one out.
  trackers = {
    for name, service in local.services : name => merge(
      {
        for metric, target in { cpu = service.scaling.cpu_target, memory = service.scaling.memory_target } : metric => {
          metric                    = metric
          target_group_arn          = null
          load_balancer_arn         = null
          target_value              = target
          scale_out_cooldown        = service.scaling.scale_out_cooldown
          scale_in_cooldown         = service.scaling.scale_in_cooldown
          disable_scale_in          = false
          queue_backlog             = null
          custom_metric             = null
          metric_math               = null
        } if target > 0
      },
      service.scaling.target_tracking,
    )
  }
}

resource "switchyard_scaling_policy_set" "this" {
  for_each = { for name, service in local.services : name => service if local.scaled[name] }

  cluster      = local.cluster_name
  service      = switchyard_blue_green_service.this[each.key].name
  min_capacity = each.value.min_capacity
  max_capacity = each.value.max_capacity
  unmanaged    = each.value.scaling.unmanaged
  tags         = length(var.tags) > 0 ? var.tags : null

  dynamic "suspended" {
    for_each = each.value.scaling.suspended[*]

    content {
      scale_in  = suspended.value.scale_in
      scale_out = suspended.value.scale_out
      scheduled = suspended.value.scheduled
    }
  }

  dynamic "target_tracking" {
    for_each = local.trackers[each.key]

    content {
      name               = target_tracking.key
      metric             = target_tracking.value.metric
      target_group_arn   = target_tracking.value.target_group_arn
      load_balancer_arn  = target_tracking.value.load_balancer_arn
      target_value       = target_tracking.value.target_value
      scale_out_cooldown = target_tracking.value.scale_out_cooldown
      scale_in_cooldown  = target_tracking.value.scale_in_cooldown
      disable_scale_in   = target_tracking.value.disable_scale_in

      dynamic "queue_backlog" {
        for_each = target_tracking.value.queue_backlog[*]

        content {
          queue_name = queue_backlog.value.queue_name
        }
      }

      dynamic "custom_metric" {
        for_each = target_tracking.value.custom_metric[*]

        content {
          namespace   = custom_metric.value.namespace
          metric_name = custom_metric.value.metric_name
          dimensions  = custom_metric.value.dimensions
          statistic   = custom_metric.value.statistic
          unit        = custom_metric.value.unit
        }
      }

      dynamic "metric_math" {
        for_each = target_tracking.value.metric_math[*]

        content {
          expression = metric_math.value.expression

          dynamic "metric" {
            for_each = metric_math.value.metrics

            content {
              id          = metric.key
              namespace   = metric.value.namespace
              metric_name = metric.value.metric_name
              dimensions  = metric.value.dimensions
              statistic   = metric.value.statistic
            }
          }
        }
      }
    }
  }

  dynamic "step" {
    for_each = each.value.scaling.step

    content {
      name                     = step.key
      adjustment_type          = step.value.adjustment_type
      cooldown                 = step.value.cooldown
      min_adjustment_magnitude = step.value.min_adjustment_magnitude
      metric_aggregation_type  = step.value.metric_aggregation_type

      dynamic "step_adjustment" {
        for_each = step.value.step_adjustments

        content {
          metric_interval_lower_bound = step_adjustment.value.metric_interval_lower_bound
          metric_interval_upper_bound = step_adjustment.value.metric_interval_upper_bound
          scaling_adjustment          = step_adjustment.value.scaling_adjustment
        }
      }

      dynamic "alarm" {
        for_each = step.value.alarm[*]

        content {
          evaluation_periods  = alarm.value.evaluation_periods
          comparison          = alarm.value.comparison
          threshold           = alarm.value.threshold
          period              = alarm.value.period
          datapoints_to_alarm = alarm.value.datapoints_to_alarm

          metric {
            namespace   = alarm.value.metric.namespace
            metric_name = alarm.value.metric.metric_name
            dimensions  = alarm.value.metric.dimensions
            statistic   = alarm.value.metric.statistic
            unit        = alarm.value.metric.unit
          }
        }
      }
    }
  }

  dynamic "predictive" {
    for_each = each.value.scaling.predictive

    content {
      name                         = predictive.key
      metric                       = predictive.value.metric
      target_group_arn             = predictive.value.target_group_arn
      load_balancer_arn            = predictive.value.load_balancer_arn
      target_value                 = predictive.value.target_value
      mode                         = predictive.value.mode
      scheduling_buffer            = predictive.value.scheduling_buffer
      max_capacity_breach_behavior = predictive.value.max_capacity_breach_behavior
      max_capacity_buffer          = predictive.value.max_capacity_buffer
    }
  }

  dynamic "scheduled_action" {
    for_each = each.value.scaling.scheduled_actions

    content {
      name         = scheduled_action.key
      schedule     = scheduled_action.value.schedule
      timezone     = scheduled_action.value.timezone
      start_time   = scheduled_action.value.start_time
      end_time     = scheduled_action.value.end_time
      min_capacity = scheduled_action.value.min_capacity
      max_capacity = scheduled_action.value.max_capacity
    }
  }
}
