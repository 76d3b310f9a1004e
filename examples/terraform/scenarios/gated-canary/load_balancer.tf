resource "aws_lb" "main" {
  name               = var.name
  load_balancer_type = "application"
  subnets            = [for subnet in aws_subnet.public : subnet.id]
  security_groups    = [aws_security_group.load_balancer.id]
}

# The pair between which deployments alternate. AWS says which one is live.
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

# Blue gets all requests at first; from then on deployments move the weights, and no apply resets them.
resource "switchyard_listener_rule" "production" {
  listener_arn  = aws_lb_listener.production.arn
  priority      = 100
  target_groups = [aws_lb_target_group.pair["blue"].arn, aws_lb_target_group.pair["green"].arn]

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

# Reaches the new revision before production does: the gate before traffic sends its requests here.
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

# Starts on the side that production does not use.
resource "switchyard_listener_rule" "test" {
  listener_arn  = aws_lb_listener.test.arn
  priority      = 100
  target_groups = [aws_lb_target_group.pair["green"].arn, aws_lb_target_group.pair["blue"].arn]

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}
