resource "aws_security_group" "tasks" {
  count = var.create ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : "${var.name}-tasks"
  name_prefix = var.security_group_use_name_prefix ? "${var.name}-tasks-" : null
  description = "Tasks of the cluster ${var.name}."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-tasks" })
}

locals {
  # Ports at which load balancers reach each service: NUMBER, or NUMBER/udp.
  ports_by_service = { for name, service in local.balanced : name => distinct(concat(
    [
      for port in concat([service.port], [for other in service.additional_load_balancer : coalesce(other.container_port, service.port)]) :
      service.protocol == "tcp" ? tostring(port) : "${port}/${service.protocol}"
    ],
    # Health checks use TCP, also of what serves UDP.
    [for port in service.load_balancer.health_check_port[*] : tostring(port)],
  )) }

  # Services with a security group of their own are not in the one that the others share.
  balanced_ports = toset(flatten([for name, ports in local.ports_by_service : ports if !contains(keys(local.segments), name)]))
  shared_offers  = toset([for port in flatten([for name, ports in local.offered : ports if !contains(keys(local.segments), name)]) : tostring(port)])
}

# Only the load balancer reaches the tasks, and only at ports that serve.
resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = local.balanced_ports

  security_group_id            = aws_security_group.tasks[0].id
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = endswith(each.key, "/udp") ? "udp" : "tcp"
  from_port                    = tonumber(split("/", each.key)[0])
  to_port                      = tonumber(split("/", each.key)[0])

  lifecycle {
    # Also orders what goes away: the port of the old revision is closed after the deployment that leaves it.
    create_before_destroy = true

    precondition {
      condition     = var.load_balancer_security_group_id != null
      error_message = "A service has a load balancer, so load_balancer_security_group_id is needed: without it the load balancer could not reach the tasks."
    }
  }
}

# With Service Connect the tasks of the cluster reach each other, at the ports that are offered.
resource "aws_vpc_security_group_ingress_rule" "service_connect" {
  for_each = local.shared_offers

  security_group_id            = aws_security_group.tasks[0].id
  referenced_security_group_id = aws_security_group.tasks[0].id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "service_connect" {
  for_each = local.shared_offers

  security_group_id            = aws_security_group.tasks[0].id
  referenced_security_group_id = aws_security_group.tasks[0].id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  for_each = toset([for block in var.egress_cidr_blocks : block if var.create])

  security_group_id = aws_security_group.tasks[0].id
  description       = "Image registry, logs, secrets, and what the services use"
  cidr_ipv4         = each.key
  ip_protocol       = "-1"
}
