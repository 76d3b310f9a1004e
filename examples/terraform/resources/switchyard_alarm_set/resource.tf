# The alarms of a service behind a load balancer, with its database.
resource "switchyard_alarm_set" "checkout" {
  name    = "shop-checkout"
  cluster = "main"
  service = "checkout"

  load_balancer = var.load_balancer_arn
  target_groups = [var.blue_target_group_arn, var.green_target_group_arn]
  databases     = ["shop-orders"]

  critical_topics = [var.page_topic_arn]
  warning_topics  = [var.chat_topic_arn]

  thresholds = {
    latency-critical              = 3
    database-connections-critical = 160
    requests-anomaly-warning      = 3
  }

  off = ["memory-warning"]

  tags = {
    team = "shop"
  }
}

# Deployments of the service are rolled back while it is unhealthy.
output "alarms_of_deployments" {
  value = [switchyard_alarm_set.checkout.unhealthy_alarm]
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

variable "page_topic_arn" {
  type = string
}

variable "chat_topic_arn" {
  type = string
}
