# Image layers come from S3: through this endpoint they cost nothing, through a NAT gateway they are billed.
resource "aws_vpc_endpoint" "s3" {
  count = var.create ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.s3"
  route_table_ids   = [for table in aws_route_table.app : table.id]

  tags = merge(var.tags, { Name = "${var.name}-s3" })
}

resource "aws_vpc_endpoint" "dynamodb" {
  count = var.create && var.dynamodb_endpoint ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.dynamodb"
  route_table_ids   = [for table in aws_route_table.app : table.id]

  tags = merge(var.tags, { Name = "${var.name}-dynamodb" })
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset([for endpoint in var.interface_endpoints : endpoint if var.create])

  vpc_id              = aws_vpc.this[0].id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${local.region}.${each.key}"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.app : subnet.id]
  security_group_ids  = [for group in aws_security_group.endpoints : group.id]

  tags = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_security_group" "endpoints" {
  count = var.create && length(var.interface_endpoints) > 0 ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "Tasks to the endpoints of AWS services."
  vpc_id      = aws_vpc.this[0].id

  tags = merge(var.tags, { Name = "${var.name}-endpoints" })
}

# Only the app subnets: nothing else in the VPC needs them. Endpoints open no connections, so there is no egress.
resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = length(var.interface_endpoints) > 0 ? local.zones : {}

  security_group_id = aws_security_group.endpoints[0].id
  description       = "Tasks in ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value.app

  tags = var.tags
}

check "tasks_can_pull_images" {
  assert {
    condition     = var.nat_gateways != "none" || length(setsubtract(["ecr.api", "ecr.dkr", "logs"], var.interface_endpoints)) == 0
    error_message = "There is no NAT gateway and no interface endpoint for ${join(", ", setsubtract(["ecr.api", "ecr.dkr", "logs"], var.interface_endpoints))}, so that Fargate tasks in the app subnets cannot pull images and write logs. Add these to interface_endpoints, or set nat_gateways to \"one\" or \"per_zone\"."
  }
}
