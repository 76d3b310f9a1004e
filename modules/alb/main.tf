# Defaults and types of the settings; names that do not exist are errors.
module "shape" {
  source = "./shape"

  name     = var.name
  services = var.services
  written  = var.services
}

locals {
  services = { for name, service in module.shape.services : name => service if var.create }

  # Production is HTTPS, or HTTP where nothing is secret.
  production_listener_arn = one(concat(aws_lb_listener.https[*].arn, aws_lb_listener.http[*].arn))
  test_protocol           = coalesce(try(var.test_listener.protocol, null), var.https ? "HTTPS" : "HTTP")

  # The load balancer has a security group of its own, or only others.
  own_security_group = var.create && var.create_security_group

  test = { for listener in var.test_listener[*] : "test" => listener if var.create }

  # The services that have a rule on the test listener: all of them, or none.
  tested = var.test_listener == null ? {} : local.services
}

resource "aws_lb" "this" {
  count = var.create ? 1 : 0

  name                       = var.name
  load_balancer_type         = "application"
  internal                   = var.internal
  ip_address_type            = var.ip_address_type
  subnets                    = var.subnet_ids
  security_groups            = concat(aws_security_group.this[*].id, var.security_group_ids)
  idle_timeout               = var.idle_timeout
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection

  dynamic "access_logs" {
    for_each = var.access_logs[*]

    content {
      enabled = true
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
    }
  }

  tags = var.tags
}

# --- Listeners ---

resource "aws_lb_listener" "redirect" {
  count = var.create && var.https ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }

  tags = var.tags
}

resource "aws_lb_listener" "https" {
  count = var.create && var.https ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = var.ssl_policy
  certificate_arn   = var.certificate_arn

  # What no rule takes belongs to no service.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "There is nothing here."
      status_code  = "404"
    }
  }

  tags = var.tags
}

resource "aws_lb_listener" "http" {
  count = var.create && !var.https ? 1 : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "There is nothing here."
      status_code  = "404"
    }
  }

  tags = var.tags
}

resource "aws_lb_listener" "test" {
  for_each = local.test

  load_balancer_arn = aws_lb.this[0].arn
  port              = each.value.port
  protocol          = local.test_protocol
  ssl_policy        = local.test_protocol == "HTTPS" ? var.ssl_policy : null
  certificate_arn   = local.test_protocol == "HTTPS" ? var.certificate_arn : null

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "There is nothing here."
      status_code  = "404"
    }
  }

  tags = var.tags
}

# By number, because ARNs of certificates made in the same apply are not known in time to be keys.
resource "aws_lb_listener_certificate" "https" {
  count = var.create && var.https ? length(var.additional_certificate_arns) : 0

  listener_arn    = aws_lb_listener.https[0].arn
  certificate_arn = var.additional_certificate_arns[count.index]
}

resource "aws_lb_listener_certificate" "test" {
  count = var.create && var.test_listener != null && local.test_protocol == "HTTPS" ? length(var.additional_certificate_arns) : 0

  listener_arn    = aws_lb_listener.test["test"].arn
  certificate_arn = var.additional_certificate_arns[count.index]
}
