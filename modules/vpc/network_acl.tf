# A second wall around the database subnets, which holds also when a security group is opened too far. Network ACLs know
# no connections, so that answers need a rule of their own.

locals {
  doors = flatten([for zone in var.availability_zones : [
    for port in sort([for port in var.database_ports : tostring(port)]) : { zone = zone, port = tonumber(port) }
  ]])
}

resource "aws_network_acl" "database" {
  count = var.create && length(var.database_ports) > 0 ? 1 : 0

  vpc_id     = aws_vpc.this[0].id
  subnet_ids = [for zone in var.availability_zones : aws_subnet.database[zone].id]

  # Tasks to databases and caches.
  dynamic "ingress" {
    for_each = local.doors

    content {
      rule_no    = 100 + ingress.key
      action     = "allow"
      protocol   = "tcp"
      cidr_block = local.zones[ingress.value.zone].app
      from_port  = ingress.value.port
      to_port    = ingress.value.port
    }
  }

  # Answers to the tasks.
  dynamic "egress" {
    for_each = var.availability_zones

    content {
      rule_no    = 100 + egress.key
      action     = "allow"
      protocol   = "tcp"
      cidr_block = local.zones[egress.value].app
      from_port  = 1024
      to_port    = 65535
    }
  }

  # Replicas and shards among themselves.
  dynamic "ingress" {
    for_each = var.availability_zones

    content {
      rule_no    = 200 + ingress.key
      action     = "allow"
      protocol   = "tcp"
      cidr_block = local.zones[ingress.value].database
      from_port  = 0
      to_port    = 65535
    }
  }

  dynamic "egress" {
    for_each = var.availability_zones

    content {
      rule_no    = 200 + egress.key
      action     = "allow"
      protocol   = "tcp"
      cidr_block = local.zones[egress.value].database
      from_port  = 0
      to_port    = 65535
    }
  }

  tags = merge(var.tags, { Name = "${var.name}-database" })
}
