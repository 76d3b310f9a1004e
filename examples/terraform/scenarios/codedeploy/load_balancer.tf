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
    type             = "forward"
    target_group_arn = aws_lb_target_group.pair["blue"].arn
  }

  lifecycle {
    # CodeDeploy moves the weights during deployments. Setting them back here would send production to the side
    # that is empty after every second deployment, and break a running deployment.
    ignore_changes = [default_action]
  }
}

# Reaches the new revision before production does.
resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.main.arn
  protocol          = "HTTP"
  port              = 8080

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.pair["blue"].arn
  }

  lifecycle {
    # CodeDeploy points it at the new side, as it does with production.
    ignore_changes = [default_action]
  }
}
