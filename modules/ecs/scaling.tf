locals {
  # cpu and memory by their targets, besides the service's own; 0 leaves one out.
  trackers = {
    for name, service in var.services : name => merge(
      {
        for metric, target in { cpu = service.scaling.cpu_target, memory = service.scaling.memory_target } : metric => {
          metric                    = metric
          target                    = target
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
  for_each = var.services

  cluster      = aws_ecs_cluster.this.name
  service      = switchyard_blue_green_service.this[each.key].name
  min_capacity = each.value.min_capacity
  max_capacity = each.value.max_capacity
  suspended    = each.value.scaling.suspended
  unmanaged    = each.value.scaling.unmanaged
  tags         = length(var.tags) > 0 ? var.tags : null

  target_tracking = length(local.trackers[each.key]) > 0 ? local.trackers[each.key] : null
  step            = length(each.value.scaling.step) > 0 ? each.value.scaling.step : null
  predictive      = length(each.value.scaling.predictive) > 0 ? each.value.scaling.predictive : null
  schedules       = length(each.value.scaling.schedules) > 0 ? each.value.scaling.schedules : null
}
