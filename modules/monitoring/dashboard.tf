locals {
  # Every graph: what it is about, how it is drawn, and its lines.
  about_services = [for service in keys(var.services) : {
    title = "${service}: CPU and memory in percent", stat = "Average", stacked = false
    metrics = [for metric in ["CPUUtilization", "MemoryUtilization"] :
      ["AWS/ECS", metric, "ClusterName", var.cluster_name, "ServiceName", service, { label = metric }]
    ]
  }]

  about_tasks = [for service in keys(var.services) : {
    title = "${service}: tasks", stat = "Average", stacked = false
    metrics = [for metric in ["DesiredTaskCount", "RunningTaskCount", "PendingTaskCount"] :
      ["ECS/ContainerInsights", metric, "ClusterName", var.cluster_name, "ServiceName", service, { label = metric }]
    ]
  }]

  about_networks = [for service in keys(var.services) : {
    title = "${service}: network and storage, bytes a second", stat = "Average", stacked = false
    metrics = [for metric in ["NetworkRxBytes", "NetworkTxBytes", "StorageReadBytes", "StorageWriteBytes"] :
      ["ECS/ContainerInsights", metric, "ClusterName", var.cluster_name, "ServiceName", service, { label = metric }]
    ]
  }]

  about_sides = flatten([for service, groups in local.behind : [
    for graph in [
      { title = "requests by side", metric = "RequestCount", stats = ["Sum"], stacked = true },
      { title = "healthy tasks by side", metric = "HealthyHostCount", stats = ["Minimum"], stacked = true },
      { title = "response time in seconds (p50, p90, p99)", metric = "TargetResponseTime", stats = ["p50", "p90", "p99"], stacked = false },
      { title = "errors of the server by side", metric = "HTTPCode_Target_5XX_Count", stats = ["Sum"], stacked = true },
      { title = "errors of the client by side", metric = "HTTPCode_Target_4XX_Count", stats = ["Sum"], stacked = true },
      ] : {
      title = "${service}: ${graph.title}", stat = graph.stats[0], stacked = graph.stacked
      metrics = flatten([for index, group in groups : [for stat in graph.stats : jsonencode(
        ["AWS/ApplicationELB", graph.metric, "TargetGroup", group, "LoadBalancer", var.load_balancer_arn_suffix, { label = "side ${index + 1}${length(graph.stats) > 1 ? " ${stat}" : ""}", stat = stat }]
      )]])
    }
  ]])

  about_load_balancer = [for graph in [
    { title = "Load balancer: requests", stat = "Sum", stacked = false, names = ["RequestCount"] },
    { title = "Load balancer: errors", stat = "Sum", stacked = true, names = ["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_4XX_Count"] },
    { title = "Load balancer: connections", stat = "Sum", stacked = false, names = ["ActiveConnectionCount", "NewConnectionCount", "RejectedConnectionCount"] },
    ] : {
    title   = graph.title, stat = graph.stat, stacked = graph.stacked
    metrics = [for name in graph.names : ["AWS/ApplicationELB", name, "LoadBalancer", var.load_balancer_arn_suffix, { label = name }]]
  } if length(local.behind) > 0]

  about_databases = flatten([for instance in var.database_instances : [
    for graph in [
      { title = "CPU in percent and connections", names = ["CPUUtilization", "DatabaseConnections"] },
      { title = "reads and writes a second", names = ["ReadIOPS", "WriteIOPS"] },
      { title = "latency in seconds", names = ["ReadLatency", "WriteLatency"] },
      { title = "free storage and memory in bytes", names = ["FreeStorageSpace", "FreeableMemory"] },
      { title = "replica lag in seconds", names = ["ReplicaLag"] },
      ] : {
      title   = "Database ${instance}: ${graph.title}", stat = "Average", stacked = false
      metrics = [for name in graph.names : jsonencode(["AWS/RDS", name, "DBInstanceIdentifier", instance, { label = name }])]
    }
  ]])

  about_caches = flatten([for node in var.cache_nodes : [
    for graph in [
      { title = "CPU and memory in percent", names = ["EngineCPUUtilization", "DatabaseMemoryUsagePercentage"] },
      { title = "hits, misses and evictions", names = ["CacheHits", "CacheMisses", "Evictions"] },
      { title = "connections", names = ["CurrConnections"] },
      ] : {
      title   = "Cache ${node}: ${graph.title}", stat = "Average", stacked = false
      metrics = [for name in graph.names : jsonencode(["AWS/ElastiCache", name, "CacheClusterId", node, { label = name }])]
    }
  ]])

  about_logs = [for name in keys(var.log_patterns) : {
    title   = "Log lines: ${name}", stat = "Sum", stacked = true
    metrics = [for service in keys(var.log_group_names) : [local.log_namespace, "${service}-${name}", { label = service }]]
  } if length(var.log_group_names) > 0]

  # Lines differ in length and so in type; as text they are all alike.
  graphs = concat(
    [for graph in local.about_load_balancer : jsonencode(graph)],
    [for graph in local.about_sides : jsonencode(merge(graph, { metrics = [for line in graph.metrics : jsondecode(line)] }))],
    [for graph in local.about_services : jsonencode(graph)],
    [for graph in local.about_tasks : jsonencode(graph)],
    [for graph in local.about_networks : jsonencode(graph)],
    [for graph in local.about_databases : jsonencode(merge(graph, { metrics = [for line in graph.metrics : jsondecode(line)] }))],
    [for graph in local.about_caches : jsonencode(merge(graph, { metrics = [for line in graph.metrics : jsondecode(line)] }))],
    [for graph in local.about_logs : jsonencode(graph)],
  )

  alarm_arns = concat(
    [for alarm in aws_cloudwatch_composite_alarm.unhealthy : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.computed : alarm.arn],
    [for alarm in aws_cloudwatch_metric_alarm.metric : alarm.arn],
  )

  # Every alarm at a glance on top, then three graphs in a row.
  widgets = concat(
    [jsonencode({
      type       = "alarm", x = 0, y = 0, width = 24, height = 4
      properties = { title = "Alarms", alarms = slice(local.alarm_arns, 0, min(100, length(local.alarm_arns))), sortBy = "stateUpdatedTimestamp" }
    })],
    [for index, text in local.graphs : jsonencode({
      type = "metric", x = index % 3 * 8, y = 4 + floor(index / 3) * 6, width = 8, height = 6
      properties = {
        title   = jsondecode(text).title
        region  = data.aws_region.current.id
        view    = "timeSeries"
        stacked = jsondecode(text).stacked
        stat    = jsondecode(text).stat
        period  = 60
        metrics = jsondecode(text).metrics
      }
    })],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  count = var.create && var.dashboard ? 1 : 0

  dashboard_name = var.name
  dashboard_body = "{\"widgets\":[${join(",", local.widgets)}]}"

  lifecycle {
    precondition {
      condition     = length(local.widgets) <= 500
      error_message = "A dashboard takes 500 widgets, and these would be ${length(local.widgets)}. Use one module for each group of services."
    }
  }
}
