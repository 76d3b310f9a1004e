# A pair for each service. Deployments alternate between its sides; which one is live is the controller's to say.

locals {
  sides = merge([for name, service in var.services : {
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

resource "aws_lb_listener_rule" "production" {
  for_each = var.services

  listener_arn = aws_lb_listener.https.arn
  priority     = each.value.priority

  dynamic "condition" {
    for_each = length(each.value.path_patterns) > 0 ? [each.value.path_patterns] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.host_headers) > 0 ? [each.value.host_headers] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-a"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-b"].arn
        weight = 0
      }
    }
  }

  tags = merge(var.tags, { Service = each.key })

  lifecycle {
    # Only the first weights are ours. From then on ECS or CodeDeploy moves them; putting them back could point
    # production at an empty group.
    ignore_changes = [action]
  }
}

resource "aws_lb_listener_rule" "test" {
  for_each = local.tested

  listener_arn = aws_lb_listener.test["test"].arn
  priority     = each.value.priority

  dynamic "condition" {
    for_each = length(each.value.path_patterns) > 0 ? [each.value.path_patterns] : []

    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = length(each.value.host_headers) > 0 ? [each.value.host_headers] : []

    content {
      host_header {
        values = condition.value
      }
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-a"].arn
        weight = 0
      }

      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-b"].arn
        weight = 100
      }
    }
  }

  tags = merge(var.tags, { Service = each.key })

  lifecycle {
    # The controller points it at the new side, as it does with production.
    ignore_changes = [action]
  }
}
