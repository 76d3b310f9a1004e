# Every object that is written, next to what Terraform makes of it: what is only in the first is a name that does not exist.
locals {
  written = try({ for name, service in var.written : name => service }, {})

  objects = flatten([
    for name, service in local.written : [
      [{ at = "services.${name}", written = keys(service), known = keys(var.services[name]) }],

      [for part in ["health_check", "timeouts", "health_score", "preflight", "scaling", "deployment", "snapshots"] : [
        for written in [try(service[part], null)] : {
          at      = "services.${name}.${part}"
          written = keys(written)
          known   = keys(var.services[name][part])
        } if written != null
      ]],

      [for part in ["canary", "linear", "circuit_breaker", "codedeploy"] : [
        for written in [try(service.deployment[part], null)] : {
          at      = "services.${name}.deployment.${part}"
          written = keys(written)
          known   = keys(var.services[name].deployment[part])
        } if written != null
      ]],

      [for written in [try(service.deployment.circuit_breaker.threshold, null)] : {
        at      = "services.${name}.deployment.circuit_breaker.threshold"
        written = keys(written)
        known   = ["type", "value"]
      } if written != null],

      [for part in ["steps", "lifecycle_hooks", "freeze"] : [
        for index, written in try([for element in service.deployment[part] : element], []) : {
          at      = "services.${name}.deployment.${part}[${index}]"
          written = keys(written)
          known   = keys(var.services[name].deployment[part][index])
        }
      ]],

      [for part in ["bucket", "copy_to", "retention"] : [
        for written in [try(service.snapshots[part], null)] : {
          at      = "services.${name}.snapshots.${part}"
          written = keys(written)
          known   = keys(var.services[name].snapshots[part])
        } if written != null
      ]],

      [for index, gate in try([for element in service.gates : element], []) : [
        [{ at = "services.${name}.gates[${index}]", written = keys(gate), known = keys(var.services[name].gates[index]) }],
        [for part in ["http", "metric"] : [
          for written in [try(gate[part], null)] : {
            at      = "services.${name}.gates[${index}].${part}"
            written = keys(written)
            known   = keys(var.services[name].gates[index][part])
          } if written != null
        ]],
        [for number, written in try([for element in gate.metric.query : element], []) : {
          at      = "services.${name}.gates[${index}].metric.query[${number}]"
          written = keys(written)
          known   = keys(var.services[name].gates[index].metric.query[number])
        }],
      ]],

      [for written in [try(service.scaling.suspended, null)] : {
        at      = "services.${name}.scaling.suspended"
        written = keys(written)
        known   = keys(var.services[name].scaling.suspended)
      } if written != null],

      [for kind in ["scheduled_actions", "target_tracking", "step", "predictive"] : [
        for entry, written in try({ for key, element in service.scaling[kind] : key => element }, {}) : {
          at      = "services.${name}.scaling.${kind}.${entry}"
          written = keys(written)
          known   = keys(var.services[name].scaling[kind][entry])
        }
      ]],

      [for entry, policy in try({ for key, element in service.scaling.target_tracking : key => element }, {}) : [
        [for part in ["queue_backlog", "custom_metric", "metric_math"] : [
          for written in [try(policy[part], null)] : {
            at      = "services.${name}.scaling.target_tracking.${entry}.${part}"
            written = keys(written)
            known   = keys(var.services[name].scaling.target_tracking[entry][part])
          } if written != null
        ]],
        [for id, written in try({ for key, element in policy.metric_math.metrics : key => element }, {}) : {
          at      = "services.${name}.scaling.target_tracking.${entry}.metric_math.metrics.${id}"
          written = keys(written)
          known   = keys(var.services[name].scaling.target_tracking[entry].metric_math.metrics[id])
        }],
      ]],

      [for entry, policy in try({ for key, element in service.scaling.step : key => element }, {}) : [
        [for index, written in try([for element in policy.step_adjustments : element], []) : {
          at      = "services.${name}.scaling.step.${entry}.step_adjustments[${index}]"
          written = keys(written)
          known   = keys(var.services[name].scaling.step[entry].step_adjustments[index])
        }],
        [for written in [try(policy.alarm, null)] : {
          at      = "services.${name}.scaling.step.${entry}.alarm"
          written = keys(written)
          known   = keys(var.services[name].scaling.step[entry].alarm)
        } if written != null],
        [for written in [try(policy.alarm.metric, null)] : {
          at      = "services.${name}.scaling.step.${entry}.alarm.metric"
          written = keys(written)
          known   = keys(var.services[name].scaling.step[entry].alarm.metric)
        } if written != null],
      ]],
    ]
  ])

  # The objects of load_balancer are not compared: they come from the alb module, whose outputs have more names.
  unknown = flatten([
    for object in local.objects : [
      for key in setsubtract(object.written, object.known) :
      "${object.at} has no setting ${key}; it has ${join(", ", object.known)}."
    ]
  ])
}
