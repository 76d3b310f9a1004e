resource "aws_lb" "main" {
  name               = var.name
  load_balancer_type = "application"
  subnets            = [for subnet in aws_subnet.public : subnet.id]
  security_groups    = [aws_security_group.load_balancer.id]
}

# The pair between which deployments alternate. Which one is live is AWS's to say.
resource "aws_lb_target_group" "pair" {
  for_each = toset(["blue", "green"])

  name                 = "${var.name}-${each.key}"
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 8080
  vpc_id               = aws_vpc.main.id
  deregistration_delay = 10

  health_check {
    path              = "/health"
    interval          = 5
    timeout           = 2
    healthy_threshold = 2
  }
}

resource "aws_lb_listener" "production" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "no such page"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "production" {
  listener_arn = aws_lb_listener.production.arn
  priority     = 100

  condition {
    path_pattern {
      values = ["/*"]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.pair["blue"].arn
        weight = 1
      }

      target_group {
        arn    = aws_lb_target_group.pair["green"].arn
        weight = 0
      }
    }
  }

  lifecycle {
    # ECS moves the weights during deployments; resetting them here could point production at an empty group.
    ignore_changes = [action]
  }
}

# Reaches the new revision before production does: the gate that comes before traffic asks it here.
resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 8080

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "no such page"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "test" {
  listener_arn = aws_lb_listener.test.arn
  priority     = 100

  condition {
    path_pattern {
      values = ["/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.pair["green"].arn
  }

  lifecycle {
    # ECS points it at the new side, as it does with production.
    ignore_changes = [action]
  }
}
