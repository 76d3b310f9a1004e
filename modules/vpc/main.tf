locals {
  region = substr(var.availability_zones[0], 0, length(var.availability_zones[0]) - 1)

  # Three quarters are for tasks, one a zone. The last quarter has room for three public and three database subnets.
  # All of it is laid out for three zones, so that a third one moves nothing.
  layout = { for index, zone in var.availability_zones : zone => {
    app      = cidrsubnet(var.cidr_block, 2, index)
    public   = cidrsubnet(var.cidr_block, 5, 24 + index)
    database = cidrsubnet(var.cidr_block, 5, 27 + index)
  } if var.subnet_cidr_blocks == null }

  written = { for index, zone in var.availability_zones : zone => {
    app      = var.subnet_cidr_blocks.app[index]
    public   = var.subnet_cidr_blocks.public[index]
    database = var.subnet_cidr_blocks.database[index]
  } if var.subnet_cidr_blocks != null }

  zones = { for zone, ranges in merge(local.layout, local.written) : zone => ranges if var.create }

  nat_zones = [for zone in {
    none     = []
    one      = [var.availability_zones[0]]
    per_zone = var.availability_zones
  }[var.nat_gateways] : zone if var.create]

  flow_logs = { for logs in var.flow_logs[*] : "all" => logs if var.create }
}

resource "aws_vpc" "this" {
  count = var.create ? 1 : 0

  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = merge(var.tags, { Name = var.name })
}

# Without rules, so that nothing works by accident because nobody chose a security group.
resource "aws_default_security_group" "this" {
  count = var.create ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = "${var.name}-default-locked" })
}

# --- Public subnets: load balancers and NAT gateways ---

resource "aws_internet_gateway" "this" {
  count = var.create ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = var.name })
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value.public

  tags = merge(var.tags, var.public_subnet_tags, { Name = "${var.name}-public-${each.key}" })
}

resource "aws_route_table" "public" {
  count = var.create ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = "${var.name}-public" })
}

resource "aws_route" "internet" {
  count = var.create ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public[0].id
}

# Addresses that exist are taken in the order of the zones; without any, there are new ones.
resource "aws_eip" "nat" {
  for_each = toset(length(var.nat_allocation_ids) == 0 ? local.nat_zones : [])

  domain = "vpc"

  tags = merge(var.tags, { Name = "${var.name}-nat-${each.key}" })

  # AWS gives an address to a VPC only when it has a way to the internet.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = length(var.nat_allocation_ids) == 0 ? aws_eip.nat[each.key].id : var.nat_allocation_ids[index(local.nat_zones, each.key)]

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })

  # A gateway is created for traffic that leaves for the internet.
  depends_on = [aws_route.internet]
}

# --- App subnets: tasks. A route table for each zone, so that the number of gateways can change in place ---

resource "aws_subnet" "app" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value.app

  tags = merge(var.tags, var.app_subnet_tags, { Name = "${var.name}-app-${each.key}" })
}

resource "aws_route_table" "app" {
  for_each = local.zones

  vpc_id = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = "${var.name}-app-${each.key}" })
}

resource "aws_route" "nat" {
  for_each = var.nat_gateways == "none" ? {} : local.zones

  route_table_id         = aws_route_table.app[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.nat_gateways == "one" ? var.availability_zones[0] : each.key].id
}

resource "aws_route_table_association" "app" {
  for_each = aws_subnet.app

  subnet_id      = each.value.id
  route_table_id = aws_route_table.app[each.key].id
}

# --- Database subnets: no way to the internet, in neither direction ---

resource "aws_subnet" "database" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = each.value.database

  tags = merge(var.tags, var.database_subnet_tags, { Name = "${var.name}-database-${each.key}" })
}

resource "aws_route_table" "database" {
  count = var.create ? 1 : 0

  vpc_id = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = "${var.name}-database" })
}

resource "aws_route_table_association" "database" {
  for_each = aws_subnet.database

  subnet_id      = each.value.id
  route_table_id = aws_route_table.database[0].id
}

# For databases of other modules: that of the database module has a group of its own.
resource "aws_db_subnet_group" "this" {
  count = var.create && var.create_database_subnet_group ? 1 : 0

  name        = var.name
  description = "Database subnets of ${var.name}."
  subnet_ids  = [for zone in var.availability_zones : aws_subnet.database[zone].id]

  tags = merge(var.tags, { Name = var.name })
}
