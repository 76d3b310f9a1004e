# Everything that shows how the service is, in one place.
resource "switchyard_dashboard" "checkout" {
  name    = "shop-checkout"
  cluster = "main"
  service = "checkout"

  load_balancer = var.load_balancer_arn
  target_groups = [var.blue_target_group_arn, var.green_target_group_arn]
  databases     = ["shop-orders"]
  caches        = ["shop-sessions-001"]
  alarms        = var.alarm_arns

  # EventBridge sends the events "ECS Deployment State Change" to this log group.
  deployment_log_group = "/aws/events/ecs-deployments"

  marks = {
    "release 7" = "2026-11-30T14:05:00Z"
  }

  metric {
    graph     = "Orders a minute"
    namespace = "Shop"
    name      = "OrdersPlaced"
  }

  metric {
    graph     = "Orders a minute"
    namespace = "Shop"
    name      = "OrdersCanceled"
  }
}

variable "load_balancer_arn" {
  type = string
}

variable "blue_target_group_arn" {
  type = string
}

variable "green_target_group_arn" {
  type = string
}

variable "alarm_arns" {
  type        = set(string)
  description = "For example values(switchyard_alarm_set.checkout.arns)."
}
