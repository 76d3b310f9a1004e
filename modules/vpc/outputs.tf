output "vpc_id" {
  description = "Id of the VPC."
  value       = one(aws_vpc.this[*].id)
}

output "vpc_arn" {
  description = "ARN of the VPC."
  value       = one(aws_vpc.this[*].arn)
}

output "vpc_cidr_block" {
  description = "IPv4 range of the VPC."
  value       = one(aws_vpc.this[*].cidr_block)
}

output "availability_zones" {
  description = "The zones, in the order of the lists of subnets."
  value       = var.availability_zones
}

output "public_subnet_ids" {
  description = "Subnets for load balancers, one per zone."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id if var.create]

  # Whoever puts something here needs the way to the internet as well.
  depends_on = [aws_route.internet, aws_route_table_association.public]
}

output "app_subnet_ids" {
  description = "Subnets for tasks, one per zone."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].id if var.create]

  # Tasks started before their routes and endpoints are there cannot pull their images.
  depends_on = [
    aws_route.nat,
    aws_route_table_association.app,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "database_subnet_ids" {
  description = "Subnets for databases, one per zone, without a route to the internet."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id if var.create]
}

output "public_subnet_cidr_blocks" {
  description = "Ranges of the public subnets."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].cidr_block if var.create]
}

output "app_subnet_cidr_blocks" {
  description = "Ranges of the app subnets."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].cidr_block if var.create]
}

output "database_subnet_cidr_blocks" {
  description = "Ranges of the database subnets."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].cidr_block if var.create]
}

output "azs" {
  description = "The same as availability_zones, under the name that terraform-aws-modules/vpc/aws uses."
  value       = var.availability_zones
}

output "public_subnets" {
  description = "The same as public_subnet_ids, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id if var.create]

  depends_on = [aws_route.internet, aws_route_table_association.public]
}

output "private_subnets" {
  description = "The same as app_subnet_ids, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].id if var.create]

  depends_on = [
    aws_route.nat,
    aws_route_table_association.app,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.interface,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}

output "database_subnets" {
  description = "The same as database_subnet_ids, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id if var.create]
}

output "public_subnets_cidr_blocks" {
  description = "The same as public_subnet_cidr_blocks, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].cidr_block if var.create]
}

output "private_subnets_cidr_blocks" {
  description = "The same as app_subnet_cidr_blocks, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].cidr_block if var.create]
}

output "database_subnets_cidr_blocks" {
  description = "The same as database_subnet_cidr_blocks, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].cidr_block if var.create]
}

output "public_route_table_id" {
  description = "Route table of the public subnets."
  value       = one(aws_route_table.public[*].id)
}

output "app_route_table_ids" {
  description = "Route tables of the app subnets, one per zone."
  value       = [for zone in var.availability_zones : aws_route_table.app[zone].id if var.create]
}

output "database_route_table_id" {
  description = "Route table of the database subnets."
  value       = one(aws_route_table.database[*].id)
}

output "internet_gateway_id" {
  description = "Id of the internet gateway."
  value       = one(aws_internet_gateway.this[*].id)
}

output "nat_gateway_ids" {
  description = "Ids of the NAT gateways by zone."
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "public_route_table_ids" {
  description = "The same as public_route_table_id, as a list, under the name that terraform-aws-modules/vpc/aws uses."
  value       = aws_route_table.public[*].id
}

output "private_route_table_ids" {
  description = "The same as app_route_table_ids, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in var.availability_zones : aws_route_table.app[zone].id if var.create]
}

output "database_route_table_ids" {
  description = "The same as database_route_table_id, as a list, under the name that terraform-aws-modules/vpc/aws uses."
  value       = aws_route_table.database[*].id
}

output "igw_id" {
  description = "The same as internet_gateway_id, under the name that terraform-aws-modules/vpc/aws uses."
  value       = one(aws_internet_gateway.this[*].id)
}

output "natgw_ids" {
  description = "The same as nat_gateway_ids, as a list, under the name that terraform-aws-modules/vpc/aws uses."
  value       = [for zone in local.nat_zones : aws_nat_gateway.this[zone].id]
}

output "nat_public_ips" {
  description = "Public addresses of the tasks, for allow lists of others."
  value       = [for zone in local.nat_zones : aws_nat_gateway.this[zone].public_ip]
}

output "s3_endpoint_id" {
  description = "Id of the gateway endpoint of S3."
  value       = one(aws_vpc_endpoint.s3[*].id)
}

output "dynamodb_endpoint_id" {
  description = "Id of the gateway endpoint of DynamoDB; null without one."
  value       = one(aws_vpc_endpoint.dynamodb[*].id)
}

output "interface_endpoint_ids" {
  description = "Ids of the interface endpoints by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "endpoint_security_group_id" {
  description = "Security group of the interface endpoints; null without endpoints."
  value       = one(aws_security_group.endpoints[*].id)
}

output "default_security_group_id" {
  description = "The VPC's default security group, which has no rules."
  value       = one(aws_default_security_group.this[*].id)
}

output "flow_log_id" {
  description = "Id of the flow log; null without flow logs."
  value       = one([for log in aws_flow_log.this : log.id])
}

output "flow_log_group_name" {
  description = "Log group of the flow logs; null without flow logs."
  value       = one([for group in aws_cloudwatch_log_group.flow_logs : group.name])
}

output "flow_log_group_arn" {
  description = "ARN of the log group of the flow logs; null without flow logs."
  value       = one([for group in aws_cloudwatch_log_group.flow_logs : group.arn])
}

output "flow_log_role_arn" {
  description = "ARN of the role that writes the flow logs; null without flow logs."
  value       = one([for role in aws_iam_role.flow_logs : role.arn])
}

output "database_subnet_group_name" {
  description = "Subnet group of RDS; null without create_database_subnet_group."
  value       = one(aws_db_subnet_group.this[*].name)
}

output "database_subnet_group" {
  description = "The same as database_subnet_group_name, under the name that terraform-aws-modules/vpc/aws uses."
  value       = one(aws_db_subnet_group.this[*].id)
}

output "database_network_acl_id" {
  description = "Network ACL of the database subnets; null without database_ports."
  value       = one(aws_network_acl.database[*].id)
}
