# Defaults and types of the settings; names that do not exist are errors.
module "shape" {
  source = "./shape"

  name     = var.name
  services = var.services
  written  = var.services
}

locals {
  services = { for name, service in module.shape.services : name => service if var.create }
  tested   = { for name, service in local.services : name => service if service.test_listener_port != null }

  sides = merge([for name, service in local.services : {
    for side in ["a", "b"] : "${name}-${side}" => merge(service, { service = name })
  }]...)
}

resource "aws_lb" "this" {
  count = var.create ? 1 : 0

  name                             = var.name
  load_balancer_type               = "network"
  internal                         = var.internal
  subnets                          = var.subnet_ids
  security_groups                  = [aws_security_group.this[0].id]
  enable_cross_zone_load_balancing = var.cross_zone
  enable_deletion_protection       = var.deletion_protection
  tags                             = var.tags
}

# A pair for each service. Deployments alternate between its sides; which one is live is the controller's to say. What
# arrives with TLS leaves without it.
resource "aws_lb_target_group" "pair" {
  for_each = local.sides

  name                   = "${var.name}-${each.key}"
  vpc_id                 = var.vpc_id
  target_type            = "ip"
  protocol               = each.value.protocol == "TLS" ? "TCP" : each.value.protocol
  port                   = each.value.port
  deregistration_delay   = each.value.deregistration_delay
  connection_termination = each.value.connection_termination
  preserve_client_ip     = each.value.preserve_client_ip
  proxy_protocol_v2      = each.value.proxy_protocol_v2

  health_check {
    protocol            = each.value.health_check.protocol
    path                = each.value.health_check.path
    port                = each.value.health_check.port == null ? "traffic-port" : tostring(each.value.health_check.port)
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

# A Network Load Balancer has no rules, so each service has a listener, whose weights belong to whoever deploys. Side a
# gets all connections at first.
resource "aws_lb_listener" "production" {
  for_each = local.services

  load_balancer_arn = aws_lb.this[0].arn
  port              = each.value.listener_port
  protocol          = each.value.protocol
  certificate_arn   = each.value.certificate_arn
  ssl_policy        = each.value.protocol == "TLS" ? each.value.ssl_policy : null

  default_action {
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
    ignore_changes = [default_action]
  }
}

# Begins on the other side.
resource "aws_lb_listener" "test" {
  for_each = local.tested

  load_balancer_arn = aws_lb.this[0].arn
  port              = each.value.test_listener_port
  protocol          = each.value.protocol
  certificate_arn   = each.value.certificate_arn
  ssl_policy        = each.value.protocol == "TLS" ? each.value.ssl_policy : null

  default_action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-b"].arn
        weight = 100
      }

      target_group {
        arn    = aws_lb_target_group.pair["${each.key}-a"].arn
        weight = 0
      }
    }
  }

  tags = merge(var.tags, { Service = each.key })

  lifecycle {
    ignore_changes = [default_action]
  }
}
