# A rule that `aws_lb_listener_rule` managed before. Terraform passes its state on, and nothing changes in AWS.
moved {
  from = aws_lb_listener_rule.profile
  to   = switchyard_listener_rule.profile
}

resource "switchyard_listener_rule" "profile" {
  listener_arn  = var.listener_arn
  priority      = 20
  target_groups = [var.blue_target_group_arn, var.green_target_group_arn]

  condition {
    path_pattern {
      values = ["/profile/*"]
    }
  }
}
