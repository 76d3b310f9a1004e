locals {
  transports = { TCP = ["tcp"], TLS = ["tcp"], UDP = ["udp"], TCP_UDP = ["tcp", "udp"] }

  # By number, because ranges of a VPC made in the same apply are not known in time to be keys.
  clients = merge(flatten([for service in values(local.services) : [for transport in local.transports[service.protocol] : {
    for index, block in var.ingress_cidr_blocks : "${transport}-${service.listener_port}-${index}" => { transport = transport, port = service.listener_port, block = block }
  }]])...)

  testers = merge(flatten([for service in values(local.tested) : [for transport in local.transports[service.protocol] : {
    for index, block in var.tester_cidr_blocks : "${transport}-${service.test_listener_port}-${index}" => { transport = transport, port = service.test_listener_port, block = block }
  }]])...)

  # Health checks use TCP, at a port of their own or at that of the task. Earlier revisions serve until a deployment is
  # over, on their own ports.
  target_ports = toset(flatten([for service in values(local.services) : concat(
    flatten([for port in concat([service.port], service.old_ports) : [for transport in local.transports[service.protocol] : "${transport}-${port}"]]),
    ["tcp-${service.health_check.port == null ? service.port : service.health_check.port}"],
  )]))

  targets = merge([for port in local.target_ports : {
    for index, block in var.target_cidr_blocks : "${port}-${index}" => { transport = split("-", port)[0], port = tonumber(split("-", port)[1]), block = block }
  }]...)
}

resource "aws_security_group" "this" {
  count = var.create ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : "${var.name}-nlb"
  name_prefix = var.security_group_use_name_prefix ? "${var.name}-nlb-" : null
  description = "Clients to the load balancer ${var.name}, and from there to the tasks."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-nlb" })
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = local.clients

  security_group_id = aws_security_group.this[0].id
  description       = "Clients"
  ip_protocol       = each.value.transport
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.block
  tags              = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "testers" {
  for_each = local.testers

  security_group_id = aws_security_group.this[0].id
  description       = "Test listeners"
  ip_protocol       = each.value.transport
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.block
  tags              = var.tags
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  for_each = local.targets

  security_group_id = aws_security_group.this[0].id
  description       = "Tasks and their health checks"
  ip_protocol       = each.value.transport
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.block
  tags              = var.tags

  lifecycle {
    # Also orders what goes away: the port of the old revision is closed after the deployment that leaves it.
    create_before_destroy = true
  }
}
