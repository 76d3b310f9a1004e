# A pair for each service. Deployments alternate between its sides; which one is live is the controller's to say.

locals {
  sides = merge([for name, service in local.services : {
    for side in ["a", "b"] : "${name}-${side}" => merge(service, { service = name })
  }]...)

  nothing = { host_header = null, path_pattern = null, http_header = null, http_request_method = null, query_string = [], source_ip = null }

  # A path or host that has no pattern is no condition.
  conditions = {
    for name, service in local.services : name => concat(
      [for hosts in [service.host_headers] : merge(local.nothing, { host_header = { values = hosts, regex_values = null } }) if length(hosts) > 0],
      [for paths in [service.path_patterns] : merge(local.nothing, { path_pattern = { values = paths, regex_values = null } }) if length(paths) > 0],
      service.conditions,
    )
  }
}

resource "aws_lb_target_group" "pair" {
  for_each = local.sides

  name                          = "${var.name}-${each.key}"
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  protocol                      = each.value.protocol
  protocol_version              = each.value.protocol_version
  port                          = each.value.port
  deregistration_delay          = each.value.deregistration_delay
  slow_start                    = each.value.slow_start
  load_balancing_algorithm_type = each.value.load_balancing_algorithm_type

  health_check {
    path                = each.value.health_check.path
    port                = each.value.health_check.port == null ? "traffic-port" : tostring(each.value.health_check.port)
    protocol            = each.value.protocol
    matcher             = each.value.health_check.matcher != null ? each.value.health_check.matcher : each.value.protocol_version == "GRPC" ? "0" : "200"
    interval            = each.value.health_check.interval
    timeout             = each.value.health_check.timeout
    healthy_threshold   = each.value.health_check.healthy_threshold
    unhealthy_threshold = each.value.health_check.unhealthy_threshold
  }

  dynamic "stickiness" {
    for_each = each.value.stickiness[*]

    content {
      type            = stickiness.value.type
      cookie_duration = stickiness.value.cookie_duration
      cookie_name     = stickiness.value.cookie_name
    }
  }

  tags = merge(var.tags, { Service = each.value.service })

  lifecycle {
    # Tasks are registered with their own port. Following it here would replace a group that has traffic.
    ignore_changes = [port]
  }
}

# The first group gets all requests at first; from then on weights belong to whoever deploys.
resource "switchyard_listener_rule" "production" {
  for_each = local.services

  listener_arn  = local.production_listener_arn
  priority      = each.value.priority
  target_groups = [aws_lb_target_group.pair["${each.key}-a"].arn, aws_lb_target_group.pair["${each.key}-b"].arn]
  stickiness    = each.value.side_stickiness
  tags          = merge(var.tags, { Service = each.key })

  dynamic "condition" {
    for_each = local.conditions[each.key]

    content {
      dynamic "host_header" {
        for_each = condition.value.host_header[*]

        content {
          values       = host_header.value.values
          regex_values = host_header.value.regex_values
        }
      }

      dynamic "path_pattern" {
        for_each = condition.value.path_pattern[*]

        content {
          values       = path_pattern.value.values
          regex_values = path_pattern.value.regex_values
        }
      }

      dynamic "http_header" {
        for_each = condition.value.http_header[*]

        content {
          http_header_name = http_header.value.http_header_name
          values           = http_header.value.values
          regex_values     = http_header.value.regex_values
        }
      }

      dynamic "http_request_method" {
        for_each = condition.value.http_request_method[*]

        content {
          values = http_request_method.value.values
        }
      }

      dynamic "query_string" {
        for_each = condition.value.query_string

        content {
          key   = query_string.value.key
          value = query_string.value.value
        }
      }

      dynamic "source_ip" {
        for_each = condition.value.source_ip[*]

        content {
          values = source_ip.value.values
        }
      }
    }
  }
}

# Begins on the other side.
resource "switchyard_listener_rule" "test" {
  for_each = local.tested

  listener_arn  = aws_lb_listener.test["test"].arn
  priority      = each.value.priority
  target_groups = [aws_lb_target_group.pair["${each.key}-b"].arn, aws_lb_target_group.pair["${each.key}-a"].arn]
  stickiness    = each.value.side_stickiness
  tags          = merge(var.tags, { Service = each.key })

  dynamic "condition" {
    for_each = local.conditions[each.key]

    content {
      dynamic "host_header" {
        for_each = condition.value.host_header[*]

        content {
          values       = host_header.value.values
          regex_values = host_header.value.regex_values
        }
      }

      dynamic "path_pattern" {
        for_each = condition.value.path_pattern[*]

        content {
          values       = path_pattern.value.values
          regex_values = path_pattern.value.regex_values
        }
      }

      dynamic "http_header" {
        for_each = condition.value.http_header[*]

        content {
          http_header_name = http_header.value.http_header_name
          values           = http_header.value.values
          regex_values     = http_header.value.regex_values
        }
      }

      dynamic "http_request_method" {
        for_each = condition.value.http_request_method[*]

        content {
          values = http_request_method.value.values
        }
      }

      dynamic "query_string" {
        for_each = condition.value.query_string

        content {
          key   = query_string.value.key
          value = query_string.value.value
        }
      }

      dynamic "source_ip" {
        for_each = condition.value.source_ip[*]

        content {
          values = source_ip.value.values
        }
      }
    }
  }
}

# Rules that earlier versions of this module have made are taken over.
moved {
  from = aws_lb_listener_rule.production
  to   = switchyard_listener_rule.production
}

moved {
  from = aws_lb_listener_rule.test
  to   = switchyard_listener_rule.test
}
