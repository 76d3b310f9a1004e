locals {
  # The thresholds of a configuration that names none; null is no alarm.
  defaults = {
    healthy_tasks             = 1
    error_percent_critical    = 10
    error_percent_warning     = 5
    latency_seconds_critical  = 5
    latency_seconds_warning   = 2
    cpu_percent               = 80
    memory_percent            = 85
    database_connections      = null
    database_cpu_percent      = 80
    database_free_storage_gib = 5
    database_replica_lag      = 30
    cache_cpu_percent         = 80
    cache_memory_percent      = 85
  }

  thresholds = merge(local.defaults, var.thresholds)

  behind = { for name, service in var.services : name => service.target_group_arn_suffixes if length(service.target_group_arn_suffixes) > 0 }

  # --- Alarms on one metric ---

  of_services = flatten([for service in keys(var.services) : [
    { key = "${service}-cpu", service = service, severity = "warning", metric = "CPUUtilization", threshold = local.thresholds.cpu_percent, what = "CPU is above ${coalesce(local.thresholds.cpu_percent, 0)} percent" },
    { key = "${service}-memory", service = service, severity = "warning", metric = "MemoryUtilization", threshold = local.thresholds.memory_percent, what = "memory is above ${coalesce(local.thresholds.memory_percent, 0)} percent" },
  ]])

  of_databases = flatten([for instance in var.database_instances : [
    { key = "${instance}-connections", instance = instance, severity = "critical", metric = "DatabaseConnections", statistic = "Maximum", factor = 1, below = false, threshold = local.thresholds.database_connections, what = "more than ${coalesce(local.thresholds.database_connections, 0)} connections are open" },
    { key = "${instance}-cpu", instance = instance, severity = "warning", metric = "CPUUtilization", statistic = "Average", factor = 1, below = false, threshold = local.thresholds.database_cpu_percent, what = "CPU is above ${coalesce(local.thresholds.database_cpu_percent, 0)} percent" },
    { key = "${instance}-storage", instance = instance, severity = "warning", metric = "FreeStorageSpace", statistic = "Minimum", factor = 1073741824, below = true, threshold = local.thresholds.database_free_storage_gib, what = "less than ${coalesce(local.thresholds.database_free_storage_gib, 0)} GiB of storage are free" },
    { key = "${instance}-replica-lag", instance = instance, severity = "warning", metric = "ReplicaLag", statistic = "Maximum", factor = 1, below = false, threshold = local.thresholds.database_replica_lag, what = "it is more than ${coalesce(local.thresholds.database_replica_lag, 0)} seconds behind" },
  ]])

  of_caches = flatten([for node in var.cache_nodes : [
    { key = "${node}-cpu", node = node, metric = "EngineCPUUtilization", threshold = local.thresholds.cache_cpu_percent, what = "CPU is above ${coalesce(local.thresholds.cache_cpu_percent, 0)} percent" },
    { key = "${node}-memory", node = node, metric = "DatabaseMemoryUsagePercentage", threshold = local.thresholds.cache_memory_percent, what = "memory is above ${coalesce(local.thresholds.cache_memory_percent, 0)} percent" },
  ]])

  of_logs = flatten([for service in keys(var.log_group_names) : [
    for pattern, alarm in var.log_alarms : { key = "${service}-${pattern}", service = service, pattern = pattern, severity = alarm.severity, threshold = alarm.above, what = "more than ${alarm.above} lines a minute match the pattern ${pattern}" } if contains(keys(var.log_patterns), pattern)
  ]])

  metrics = merge(
    { for it in local.of_services : it.key => {
      severity   = it.severity, namespace = "AWS/ECS", metric = it.metric, statistic = "Average", threshold = it.threshold, below = false
      dimensions = { ClusterName = var.cluster_name, ServiceName = it.service }, what = "Service ${it.service}: ${it.what}"
    } if it.threshold != null },
    { for it in local.of_databases : "database-${it.key}" => {
      severity   = it.severity, namespace = "AWS/RDS", metric = it.metric, statistic = it.statistic, threshold = it.threshold * it.factor, below = it.below
      dimensions = { DBInstanceIdentifier = it.instance }, what = "Database ${it.instance}: ${it.what}"
    } if it.threshold != null },
    { for it in local.of_caches : "cache-${it.key}" => {
      severity   = "warning", namespace = "AWS/ElastiCache", metric = it.metric, statistic = "Average", threshold = it.threshold, below = false
      dimensions = { CacheClusterId = it.node }, what = "Cache ${it.node}: ${it.what}"
    } if it.threshold != null },
    { for it in local.of_logs : "${it.key}" => {
      severity   = it.severity, namespace = local.log_namespace, metric = "${it.service}-${it.pattern}", statistic = "Sum", threshold = it.threshold, below = false
      dimensions = {}, what = "Service ${it.service}: ${it.what}"
    } },
  )

  # --- Alarms on what is computed: both sides of a service together ---

  sides = { for service, groups in local.behind : service => {
    requests = join("+", [for index, group in groups : "FILL(requests${index},0)"])
    errors   = join("+", [for index, group in groups : "FILL(errors${index},0)"])
    seconds  = join("+", [for index, group in groups : "FILL(seconds${index},0)*FILL(requests${index},0)"])
    healthy  = join("+", [for index, group in groups : "FILL(healthy${index},0)"])
  } }

  of_sides = flatten([for service, groups in local.behind : [
    [for severity in ["critical", "warning"] : {
      key        = "${service}-errors-${severity}", service = service, severity = severity, missing = "notBreaching", below = false
      threshold  = local.thresholds["error_percent_${severity}"]
      label      = "Errors in percent", what = "more than ${coalesce(local.thresholds["error_percent_${severity}"], 0)} percent of the answers are errors"
      expression = "IF(${local.sides[service].requests} >= ${var.minimum_requests}, 100*(${local.sides[service].errors})/(${local.sides[service].requests}), 0)"
      queries    = flatten([for index, group in groups : [for name, metric in { requests = "RequestCount", errors = "HTTPCode_Target_5XX_Count" } : { id = "${name}${index}", metric = metric, stat = "Sum", group = group }]])
    }],
    [for severity in ["critical", "warning"] : {
      key        = "${service}-latency-${severity}", service = service, severity = severity, missing = "notBreaching", below = false
      threshold  = local.thresholds["latency_seconds_${severity}"]
      label      = "Response time in seconds", what = "answers take more than ${coalesce(local.thresholds["latency_seconds_${severity}"], 0)} seconds"
      expression = "IF(${local.sides[service].requests} > 0, (${local.sides[service].seconds})/(${local.sides[service].requests}), 0)"
      queries = flatten([for index, group in groups : [
        { id = "requests${index}", metric = "RequestCount", stat = "Sum", group = group },
        { id = "seconds${index}", metric = "TargetResponseTime", stat = "Average", group = group },
      ]])
    }],
    # A group without targets has no such metric: that is the case that the alarm is for.
    [{
      key        = "${service}-unavailable", service = service, severity = "critical", missing = "breaching", below = true
      threshold  = local.thresholds.healthy_tasks
      label      = "Healthy tasks", what = "fewer than ${coalesce(local.thresholds.healthy_tasks, 0)} tasks are healthy"
      expression = local.sides[service].healthy
      queries    = [for index, group in groups : { id = "healthy${index}", metric = "HealthyHostCount", stat = "Minimum", group = group }]
    }],
  ]])

  # What the load balancer answers by itself, because no task did, is in none of the metrics of target groups. Whether there
  # is one is known by them, before its name is.
  of_load_balancer = [for severity in ["critical", "warning"] : {
    key        = "load-balancer-errors-${severity}", service = null, severity = severity, missing = "notBreaching", below = false
    threshold  = local.thresholds["error_percent_${severity}"]
    label      = "Errors in percent", what = "more than ${coalesce(local.thresholds["error_percent_${severity}"], 0)} percent of all answers are errors, those of the load balancer itself included"
    expression = "IF(FILL(requests,0)+FILL(refused,0) >= ${var.minimum_requests}, 100*(FILL(errors,0)+FILL(refused,0))/(FILL(requests,0)+FILL(refused,0)), 0)"
    queries    = [for name, metric in { requests = "RequestCount", errors = "HTTPCode_Target_5XX_Count", refused = "HTTPCode_ELB_5XX_Count" } : { id = name, metric = metric, stat = "Sum", group = null }]
  } if length(local.behind) > 0]

  computed = { for it in concat(local.of_sides, local.of_load_balancer) : it.key => it if it.threshold != null }

  # By service, everything critical that is about it or about what all share.
  critical = { for service in keys(var.services) : service => sort(concat(
    [for key, it in local.computed : "${var.name}-${key}" if it.severity == "critical" && (it.service == service || it.service == null)],
    [for it in local.of_logs : "${var.name}-${it.key}" if it.severity == "critical" && it.service == service],
    [for it in local.of_databases : "${var.name}-database-${it.key}" if it.severity == "critical" && it.threshold != null],
  )) }
}

resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = { for key, alarm in local.metrics : key => alarm if var.create }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.severity}: ${each.value.what}."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.severity == "critical" ? var.critical_minutes : var.warning_minutes
  threshold           = each.value.threshold
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.topics[each.value.severity]]
  ok_actions          = [local.topics[each.value.severity]]

  tags = var.tags
}

resource "aws_cloudwatch_metric_alarm" "computed" {
  for_each = { for key, alarm in local.computed : key => alarm if var.create }

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.severity}: ${each.value.service == null ? "" : "Service ${each.value.service}: "}${each.value.what}."
  evaluation_periods  = each.value.severity == "critical" ? var.critical_minutes : var.warning_minutes
  threshold           = each.value.threshold
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = each.value.missing
  alarm_actions       = [local.topics[each.value.severity]]
  ok_actions          = [local.topics[each.value.severity]]

  metric_query {
    id          = "result"
    expression  = each.value.expression
    label       = each.value.label
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.queries

    content {
      id = metric_query.value.id

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value.metric
        dimensions  = merge({ LoadBalancer = var.load_balancer_arn_suffix }, metric_query.value.group == null ? {} : { TargetGroup = metric_query.value.group })
        stat        = metric_query.value.stat
        period      = 60
      }
    }
  }

  tags = var.tags
}

# One alarm that says that a service is unhealthy: for deployments, and for whoever asks.
resource "aws_cloudwatch_composite_alarm" "unhealthy" {
  for_each = { for service, alarms in local.critical : service => alarms if var.create && length(alarms) > 0 }

  alarm_name        = "${var.name}-${each.key}-unhealthy"
  alarm_description = "Service ${each.key} is unhealthy: one of its critical alarms has fired. It has no actions, because those alarms have them."
  alarm_rule        = join(" OR ", [for name in each.value : "ALARM(\"${name}\")"])

  tags = var.tags

  depends_on = [aws_cloudwatch_metric_alarm.metric, aws_cloudwatch_metric_alarm.computed]
}
