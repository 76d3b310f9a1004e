# Only asked when nobody says where the tasks are.
data "aws_vpc" "this" {
  count = var.target_cidr_blocks == null ? 1 : 0

  id = var.vpc_id
}

locals {
  target_cidr_blocks = var.target_cidr_blocks == null ? [for vpc in data.aws_vpc.this : vpc.cidr_block] : var.target_cidr_blocks

  # By number, because ranges of a VPC made in the same apply are not known in time to be keys.
  clients = merge(
    { for index, block in var.ingress_cidr_blocks : "ipv4-${index}" => { ipv4 = block, ipv6 = null } },
    { for index, block in var.ingress_ipv6_cidr_blocks : "ipv6-${index}" => { ipv4 = null, ipv6 = block } },
  )

  testers = var.test_listener == null ? {} : { for index, block in var.test_listener.cidr_blocks : "ipv4-${index}" => block }

  # Health checks may go to a port of their own. Earlier revisions serve until a rollout is over, on their own ports.
  target_ports = toset([for port in flatten([for service in var.services : [
    service.port,
    service.old_ports,
    service.health_check.port == null ? service.port : service.health_check.port,
  ]]) : tostring(port)])

  targets = merge([for port in local.target_ports : {
    for index, block in local.target_cidr_blocks : "${port}-${index}" => { port = tonumber(port), ipv4 = block }
  }]...)
}

resource "aws_security_group" "this" {
  name        = "${var.name}-alb"
  description = "Clients to the load balancer ${var.name}, and from there to the tasks."
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${var.name}-alb" })
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = local.clients

  security_group_id = aws_security_group.this.id
  description       = "Clients"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value.ipv4
  cidr_ipv6         = each.value.ipv6

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "redirect" {
  for_each = local.clients

  security_group_id = aws_security_group.this.id
  description       = "Clients that are sent on to HTTPS"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = each.value.ipv4
  cidr_ipv6         = each.value.ipv6

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "test" {
  for_each = local.testers

  security_group_id = aws_security_group.this.id
  description       = "Test listener: gates and testers"
  ip_protocol       = "tcp"
  from_port         = var.test_listener.port
  to_port           = var.test_listener.port
  cidr_ipv4         = each.value

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  for_each = local.targets

  security_group_id = aws_security_group.this.id
  description       = "Tasks and their health checks"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.ipv4

  tags = var.tags
}
