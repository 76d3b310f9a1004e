# Production: the first target group gets all requests until the first deployment moves them.
resource "switchyard_listener_rule" "checkout" {
  listener_arn  = var.listener_arn
  priority      = 10
  target_groups = [var.blue_target_group_arn, var.green_target_group_arn]

  condition {
    host_header {
      values = ["shop.example.com"]
    }
  }

  condition {
    path_pattern {
      values = ["/checkout/*"]
    }
  }
}

# Test traffic of the same pair starts on the other side.
resource "switchyard_listener_rule" "checkout_test" {
  listener_arn  = var.listener_arn
  priority      = 9
  target_groups = [var.green_target_group_arn, var.blue_target_group_arn]

  condition {
    host_header {
      values = ["shop.example.com"]
    }
  }

  condition {
    http_header {
      http_header_name = "X-Test"
      values           = ["checkout"]
    }
  }
}

variable "listener_arn" {
  type = string
}

variable "blue_target_group_arn" {
  type = string
}

variable "green_target_group_arn" {
  type = string
}
