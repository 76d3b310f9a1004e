# A pair for each service. Deployments alternate between its sides; which one is live is the controller's to say.

locals {
  sides = merge([for name, service in local.services : {
    for side in ["a", "b"] : "${name}-${side}" => merge(service, { service = name })
  }]...)
}

resource "aws_lb_target_group" "pair" {
  for_each = local.sides

  name                 = "${var.name}-${each.key}"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = each.value.port
  deregistration_delay = each.value.deregistration_delay

  health_check {
    path                = each.value.health_check.path
    port                = each.value.health_check.port == null ? "traffic-port" : tostring(each.value.health_check.port)
    protocol            = "HTTP"
    matcher             = each.value.health_check.matcher
    interval            = each.value.health_check.interval
    timeout             = each.value.health_check.timeout
    healthy_threshold   = each.value.health_check.healthy_threshold
    unhealthy_threshold = each.value.health_check.unhealthy_threshold
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

  listener_arn  = aws_lb_listener.https[0].arn
  priority      = each.value.priority
  target_groups = [aws_lb_target_group.pair["${each.key}-a"].arn, aws_lb_target_group.pair["${each.key}-b"].arn]
  tags          = merge(var.tags, { Service = each.key })

  # A path or host that has no pattern is no condition.
  dynamic "condition" {
    for_each = length(each.value.host_headers) > 0 ? [each.value.host_headers] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.path_patterns) > 0 ? [each.value.path_patterns] : []

    content {
      path_pattern {
        values = condition.value
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
  tags          = merge(var.tags, { Service = each.key })

  # A path or host that has no pattern is no condition.
  dynamic "condition" {
    for_each = length(each.value.host_headers) > 0 ? [each.value.host_headers] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.path_patterns) > 0 ? [each.value.path_patterns] : []

    content {
      path_pattern {
        values = condition.value
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
