# What is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { id = "eu-west-1" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:topic" }
  }

  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:one" }
  }

  mock_resource "aws_cloudwatch_composite_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:all" }
  }
}

variables {
  name                     = "shop"
  cluster_name             = "main"
  load_balancer_arn_suffix = "app/shop/1"
  services = {
    web    = { target_group_arn_suffixes = ["targetgroup/web-a/1", "targetgroup/web-b/2"] }
    worker = {}
  }
}

run "the_two_tiers_have_the_thresholds_of_the_readme" {
  command = plan

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.computed : key => "${alarm.comparison_operator} ${alarm.threshold} ${alarm.evaluation_periods}" } == {
      web-unavailable               = "LessThanThreshold 1 1"
      web-errors-critical           = "GreaterThanThreshold 10 1"
      web-errors-warning            = "GreaterThanThreshold 5 5"
      web-latency-critical          = "GreaterThanThreshold 5 1"
      web-latency-warning           = "GreaterThanThreshold 2 5"
      load-balancer-errors-critical = "GreaterThanThreshold 10 1"
      load-balancer-errors-warning  = "GreaterThanThreshold 5 5"
    }
    error_message = "Critical after a minute, warnings after five."
  }

  assert {
    condition = { for key, alarm in aws_cloudwatch_metric_alarm.metric : key => "${alarm.metric_name} ${alarm.threshold} ${alarm.evaluation_periods}" } == {
      web-cpu       = "CPUUtilization 80 5"
      web-memory    = "MemoryUtilization 85 5"
      worker-cpu    = "CPUUtilization 80 5"
      worker-memory = "MemoryUtilization 85 5"
    }
    error_message = "A service without target groups has alarms for CPU and memory."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.computed["web-unavailable"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.computed["web-errors-critical"].treat_missing_data == "notBreaching"
    error_message = "No targets is what the first alarm is for, and no requests is no error."
  }
}

run "both_sides_count_together" {
  command = plan

  assert {
    condition     = [for query in aws_cloudwatch_metric_alarm.computed["web-errors-critical"].metric_query : query.expression if query.id == "result"] == ["IF(FILL(requests0,0)+FILL(requests1,0) >= 20, 100*(FILL(errors0,0)+FILL(errors1,0))/(FILL(requests0,0)+FILL(requests1,0)), 0)"]
    error_message = "A share of few requests says nothing."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.computed["web-errors-critical"].metric_query) == 5
    error_message = "Requests and errors of two sides, and the result."
  }
}

run "thresholds_change_one_by_one_and_null_is_no_alarm" {
  command = plan

  variables {
    thresholds         = { cpu_percent = 90, latency_seconds_warning = null, healthy_tasks = 2, database_connections = 180 }
    database_instances = ["db-1"]
    cache_nodes        = ["cache-001"]
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["web-cpu"].threshold == 90 && aws_cloudwatch_metric_alarm.metric["web-memory"].threshold == 85
    error_message = "Only what is named differs."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.computed), "web-latency-warning") && contains(keys(aws_cloudwatch_metric_alarm.computed), "web-latency-critical")
    error_message = "null is no alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["database-db-1-connections"].evaluation_periods == 1 && aws_cloudwatch_metric_alarm.metric["database-db-1-storage"].threshold == 5368709120 && aws_cloudwatch_metric_alarm.metric["database-db-1-storage"].comparison_operator == "LessThanThreshold"
    error_message = "Connections are critical, and storage is counted in bytes."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.unhealthy["worker"].alarm_rule, "ALARM(\"shop-database-db-1-connections\")")
    error_message = "A service depends on its database."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["cache-cache-001-memory"].threshold == 85
    error_message = "A cache has alarms."
  }
}

run "a_service_without_connections_alarm_has_none_by_default" {
  command = plan

  variables {
    database_instances = ["db-1"]
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.metric), "database-db-1-connections")
    error_message = "How many connections are too many depends on the instance."
  }
}

run "the_alarm_for_deployments_names_what_is_critical" {
  command = plan

  assert {
    condition     = aws_cloudwatch_composite_alarm.unhealthy["web"].alarm_rule == "ALARM(\"shop-load-balancer-errors-critical\") OR ALARM(\"shop-web-errors-critical\") OR ALARM(\"shop-web-latency-critical\") OR ALARM(\"shop-web-unavailable\")"
    error_message = "No warning stops a deployment."
  }

  assert {
    condition     = output.unhealthy_alarm_names == { web = "shop-web-unhealthy", worker = "shop-worker-unhealthy" }
    error_message = "Its name is in the output."
  }
}

run "the_dashboard_is_json_whose_graphs_fit" {
  variables {
    database_instances = ["db-1"]
    cache_nodes        = ["cache-001"]
    log_group_names    = { web = "/shop/web" }
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget.x + widget.width <= 24 && contains(["alarm", "metric"], widget.type)])
    error_message = "A dashboard is 24 wide."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : "${widget.x} ${widget.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets)
    error_message = "No graph lies on another."
  }

  assert {
    condition = length(setsubtract(
      ["web: response time in seconds (p50, p90, p99)", "Load balancer: errors", "web: requests by side", "worker: CPU and memory in percent", "web: network and storage, bytes a second", "Database db-1: reads and writes a second", "Cache cache-001: hits, misses and evictions", "Log lines: errors"],
      [for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget.properties.title],
    )) == 0
    error_message = "There is a graph of everything."
  }

  assert {
    condition     = [for line in [for widget in jsondecode(aws_cloudwatch_dashboard.this[0].dashboard_body).widgets : widget if try(widget.properties.title, "") == "web: response time in seconds (p50, p90, p99)"][0].properties.metrics : line[6].stat] == ["p50", "p90", "p99", "p50", "p90", "p99"]
    error_message = "Response time is drawn as it is distributed, by side."
  }
}

run "events_go_to_the_topic_of_their_severity" {
  command = plan

  variables {
    codedeploy_application = "shop"
    topic_arns = {
      critical = "arn:aws:sns:eu-west-1:123456789012:pager"
      warning  = "arn:aws:sns:eu-west-1:123456789012:chat"
      info     = "arn:aws:sns:eu-west-1:123456789012:mail"
    }
  }

  assert {
    condition = { for name, target in aws_cloudwatch_event_target.this : name => split(":", target.arn)[5] } == {
      deployment-failed    = "pager"
      deployment-completed = "mail"
      tasks-do-not-start   = "chat"
      scaled-to-maximum    = "chat"
      codedeploy-failed    = "pager"
      codedeploy-completed = "mail"
    }
    error_message = "A failure calls somebody, and a success tells."
  }

  assert {
    condition     = length(aws_sns_topic.this) == 0
    error_message = "Topics that are there are used."
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["deployment-failed"].event_pattern).resources == [{ prefix = "arn:aws:ecs:eu-west-1:123456789012:service/main/" }] && jsondecode(aws_cloudwatch_event_rule.this["deployment-failed"].event_pattern).detail.eventName == ["SERVICE_DEPLOYMENT_FAILED"]
    error_message = "Only services of the cluster are reported."
  }
}

run "logs_are_counted_and_searched" {
  command = plan

  variables {
    log_group_names = { web = "/shop/web", worker = "/shop/worker" }
    log_patterns    = { errors = "?ERROR" }
    log_alarms      = { errors = { severity = "warning", above = 3 } }
  }

  assert {
    condition     = keys(aws_cloudwatch_log_metric_filter.this) == ["web-errors", "worker-errors"] && aws_cloudwatch_metric_alarm.metric["web-errors"].namespace == "shop/Logs"
    error_message = "A metric for each service and pattern, and an alarm on it."
  }

  assert {
    condition     = aws_cloudwatch_query_definition.this["errors"].log_group_names == tolist(["/shop/web", "/shop/worker"]) && aws_cloudwatch_query_definition.this["errors"].name == "shop/errors"
    error_message = "Queries look into the logs of all services."
  }
}

run "people_subscribe_by_severity" {
  command = plan

  variables {
    emails   = { critical = ["a@example.com", "b@example.com"], info = ["a@example.com"] }
    webhooks = { critical = ["https://pager.example.com/x"] }
  }

  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["critical/a@example.com", "critical/b@example.com", "info/a@example.com"] && length(aws_sns_topic_subscription.webhook) == 1
    error_message = "Each address and severity has a subscription of its own."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create          = false
    log_group_names = { web = "/shop/web" }
    emails          = { critical = ["a@example.com"] }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.metric) + length(aws_cloudwatch_metric_alarm.computed) + length(aws_cloudwatch_composite_alarm.unhealthy) + length(aws_sns_topic.this) + length(aws_cloudwatch_event_rule.this) + length(aws_cloudwatch_dashboard.this) + length(aws_cloudwatch_query_definition.this) + length(aws_sns_topic_subscription.email) + length(aws_cloudwatch_log_metric_filter.this) == 0
    error_message = "Nothing is created."
  }

  assert {
    condition     = length(output.topic_arns) == 0 && length(output.critical_alarm_names) == 0 && output.dashboard_name == null
    error_message = "Outputs are empty."
  }
}
