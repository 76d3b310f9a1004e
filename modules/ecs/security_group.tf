resource "aws_security_group" "tasks" {
  count = var.create ? 1 : 0

  name        = "${var.name}-tasks"
  description = "Tasks of the cluster ${var.name}."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-tasks" })
}

# Only the load balancer reaches the tasks, and only at ports that serve.
resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = toset([for service in values(local.balanced) : tostring(service.port)])

  security_group_id            = aws_security_group.tasks[0].id
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)

  lifecycle {
    # Also orders what goes away: the port of the old revision is closed after the deployment that leaves it.
    create_before_destroy = true

    precondition {
      condition     = var.load_balancer_security_group_id != null
      error_message = "A service has a load balancer, so load_balancer_security_group_id is needed: without it the load balancer could not reach the tasks."
    }
  }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  for_each = toset([for block in var.egress_cidr_blocks : block if var.create])

  security_group_id = aws_security_group.tasks[0].id
  description       = "Image registry, logs, secrets, and what the services use"
  cidr_ipv4         = each.key
  ip_protocol       = "-1"
}
