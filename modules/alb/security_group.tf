# Only asked when nobody says where the tasks are.
data "aws_vpc" "this" {
  count = local.own_security_group && var.target_cidr_blocks == null && var.target_security_group_ids == null ? 1 : 0

  id = var.vpc_id
}

locals {
  # The tasks by their security groups, by ranges, or somewhere in the VPC.
  destinations = var.target_security_group_ids != null ? [for id in var.target_security_group_ids : { group = id, ipv4 = null }] : [
    for block in coalesce(var.target_cidr_blocks, [for vpc in data.aws_vpc.this : vpc.cidr_block]) : { group = null, ipv4 = block }
  ]

  # By number, because ranges of a VPC made in the same apply are not known in time to be keys.
  clients = merge(
    { for index, block in var.ingress_cidr_blocks : "ipv4-${index}" => { ipv4 = block, ipv6 = null } if local.own_security_group },
    { for index, block in var.ingress_ipv6_cidr_blocks : "ipv6-${index}" => { ipv4 = null, ipv6 = block } if local.own_security_group },
  )

  testers = var.test_listener == null ? {} : { for index, block in var.test_listener.cidr_blocks : "ipv4-${index}" => block if local.own_security_group }

  # Health checks may go to a port of their own. Earlier revisions serve until a rollout is over, on their own ports.
  target_ports = toset([for port in flatten([for service in(local.own_security_group ? values(local.services) : []) : [
    service.port,
    service.old_ports,
    service.health_check.port == null ? service.port : service.health_check.port,
  ]]) : tostring(port)])

  targets = merge([for port in local.target_ports : {
    for index, destination in local.destinations : "${port}-${index}" => merge(destination, { port = tonumber(port) })
  }]...)
}

resource "aws_security_group" "this" {
  count = local.own_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : "${var.name}-alb"
  name_prefix = var.security_group_use_name_prefix ? "${var.name}-alb-" : null
  description = "Clients to the load balancer ${var.name}, and from there to the tasks."
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${var.name}-alb" })
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = { for name, client in local.clients : name => client if var.https }

  security_group_id = aws_security_group.this[0].id
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

  security_group_id = aws_security_group.this[0].id
  description       = var.https ? "Clients that are sent on to HTTPS" : "Clients"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = each.value.ipv4
  cidr_ipv6         = each.value.ipv6

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "test" {
  for_each = local.testers

  security_group_id = aws_security_group.this[0].id
  description       = "Test listener: gates and testers"
  ip_protocol       = "tcp"
  from_port         = var.test_listener.port
  to_port           = var.test_listener.port
  cidr_ipv4         = each.value

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  for_each = local.targets

  security_group_id            = aws_security_group.this[0].id
  description                  = each.value.group == null ? "Tasks and their health checks" : null # groups say who they are
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.ipv4
  referenced_security_group_id = each.value.group

  tags = var.tags

  lifecycle {
    # Also orders what goes away: the port of the old revision is closed after the deployment that leaves it, and not
    # at all when that deployment goes back.
    create_before_destroy = true
  }
}

check "rules_of_the_security_group" {
  assert {
    condition     = length(local.targets) <= 60 && (var.https ? 2 : 1) * length(local.clients) + length(local.testers) <= 60
    error_message = "The security group of the load balancer has ${length(local.targets)} rules for tasks and ${(var.https ? 2 : 1) * length(local.clients) + length(local.testers)} for clients. AWS allows 60 in each direction unless the quota of the account is higher. Services that share a port share rules, and target_security_group_ids needs one rule a port instead of one a range."
  }
}
