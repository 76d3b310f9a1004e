locals {
  log_namespace = "${var.name}/Logs"

  filters = merge([for service, group in var.log_group_names : {
    for name, pattern in var.log_patterns : "${service}-${name}" => { group = group, pattern = pattern }
  }]...)

  saved = {
    errors = {
      query = "fields @timestamp, @logStream, @message | filter @message like /(?i)(error|exception|fatal)/ | sort @timestamp desc | limit 200"
    }
    patterns   = { query = "pattern @message | sort @sampleCount desc | limit 50" }
    by-task    = { query = "filter @message like /(?i)(error|exception|fatal)/ | stats count(*) as errors by @logStream, bin(5m) | sort errors desc" }
    slowest    = { query = "fields @timestamp, @logStream, @message | filter ispresent(duration) | sort duration desc | limit 100" }
    connection = { query = "fields @timestamp, @logStream, @message | filter @message like /(?i)(connection refused|could not connect|too many connections|timed out)/ | sort @timestamp desc | limit 200" }
    denied     = { query = "fields @timestamp, @logStream, @message | filter @message like /(?i)(access denied|unauthorized|forbidden|certificate)/ | sort @timestamp desc | limit 200" }
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = { for name, filter in local.filters : name => filter if var.create }

  name           = "${var.name}-${each.key}"
  log_group_name = each.value.group
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.log_namespace
    name          = each.key
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

# In the console they are in a folder with the module's name.
resource "aws_cloudwatch_query_definition" "this" {
  for_each = { for name, saved in local.saved : name => saved if var.create && var.queries && length(var.log_group_names) > 0 }

  name            = "${var.name}/${each.key}"
  log_group_names = values(var.log_group_names)
  query_string    = each.value.query
}
