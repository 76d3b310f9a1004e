# What is planned, without AWS.

mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/flow-logs" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:flow-logs" }
  }
}

variables {
  name               = "shop"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
}

run "subnets_are_laid_out_for_three_zones" {
  command = plan

  assert {
    condition     = output.app_subnet_cidr_blocks == ["10.0.0.0/18", "10.0.64.0/18"]
    error_message = "A quarter for the tasks of each zone."
  }

  assert {
    condition     = output.public_subnet_cidr_blocks == ["10.0.192.0/21", "10.0.200.0/21"]
    error_message = "Public subnets come from the last quarter."
  }

  assert {
    condition     = output.database_subnet_cidr_blocks == ["10.0.216.0/21", "10.0.224.0/21"]
    error_message = "Database subnets follow the room for three public ones."
  }
}

run "a_third_zone_moves_nothing" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  }

  assert {
    condition     = output.app_subnet_cidr_blocks == ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"]
    error_message = "The third zone has the third quarter."
  }

  assert {
    condition     = output.public_subnet_cidr_blocks == ["10.0.192.0/21", "10.0.200.0/21", "10.0.208.0/21"] && output.database_subnet_cidr_blocks == ["10.0.216.0/21", "10.0.224.0/21", "10.0.232.0/21"]
    error_message = "The third zone fills the room that was kept."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "A NAT gateway a zone."
  }
}

run "the_smallest_range_leaves_room_for_a_load_balancer" {
  command = plan

  variables {
    cidr_block = "10.1.4.0/22"
  }

  assert {
    condition     = output.public_subnet_cidr_blocks == ["10.1.7.0/27", "10.1.7.32/27"]
    error_message = "A load balancer needs a /27."
  }
}

run "one_nat_gateway_serves_all_zones" {
  variables {
    nat_gateways = "one"
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a"] && length(output.nat_public_ips) == 1
    error_message = "One gateway, in the first zone."
  }

  assert {
    condition     = alltrue([for route in aws_route.nat : route.nat_gateway_id == aws_nat_gateway.this["eu-west-1a"].id]) && length(aws_route.nat) == 2
    error_message = "Every zone goes through it."
  }
}

run "a_gateway_in_each_zone_serves_its_own" {
  variables {
    nat_gateways = "per_zone"
  }

  assert {
    condition     = alltrue([for zone, route in aws_route.nat : route.nat_gateway_id == aws_nat_gateway.this[zone].id]) && length(aws_route.nat) == 2
    error_message = "Every zone has its own gateway."
  }
}

run "without_nat_gateways_there_is_no_way_out" {
  command = plan

  variables {
    nat_gateways        = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  }

  assert {
    condition     = length(aws_nat_gateway.this) + length(aws_eip.nat) + length(aws_route.nat) == 0
    error_message = "Nothing leads from the app subnets to the internet."
  }

  assert {
    condition     = aws_vpc_endpoint.interface["ecr.dkr"].service_name == "com.amazonaws.eu-west-1.ecr.dkr" && aws_vpc_endpoint.interface["ecr.dkr"].private_dns_enabled
    error_message = "Tasks use the usual names of AWS services."
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.endpoints : "${rule.from_port} ${rule.cidr_ipv4}"] == ["443 10.0.0.0/18", "443 10.0.64.0/18"]
    error_message = "Only tasks reach the endpoints."
  }
}

run "flow_logs_can_be_left_out" {
  command = plan

  variables {
    flow_logs = null
  }

  assert {
    condition     = length(aws_flow_log.this) + length(aws_iam_role.flow_logs) + length(aws_cloudwatch_log_group.flow_logs) == 0 && output.flow_log_id == null
    error_message = "null leaves nothing behind."
  }
}

run "flow_logs_are_on_by_default" {
  command = plan

  assert {
    condition     = aws_flow_log.this["all"].traffic_type == "ALL" && aws_cloudwatch_log_group.flow_logs["all"].retention_in_days == 30
    error_message = "All traffic, kept for thirty days."
  }
}

run "flow_logs_are_written_for_this_account_only" {
  assert {
    condition     = jsondecode(aws_iam_role.flow_logs["all"].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == aws_vpc.this[0].owner_id
    error_message = "The service acts for this account."
  }
}

run "outputs_fit_where_terraform_aws_modules_are_expected" {
  assert {
    condition     = output.private_subnets == output.app_subnet_ids && output.public_subnets == output.public_subnet_ids && output.database_subnets == output.database_subnet_ids
    error_message = "The aliases are the same lists."
  }

  assert {
    condition     = output.private_subnets_cidr_blocks == output.app_subnet_cidr_blocks && output.azs == output.availability_zones && output.private_route_table_ids == output.app_route_table_ids && output.igw_id == output.internet_gateway_id && length(output.natgw_ids) == length(output.nat_gateway_ids) && output.public_route_table_ids == [output.public_route_table_id]
    error_message = "So are those of ranges, routes and gateways."
  }

  assert {
    condition     = length(coalesce(aws_default_security_group.this[0].ingress, [])) + length(coalesce(aws_default_security_group.this[0].egress, [])) == 0
    error_message = "The default security group lets nothing through."
  }

  assert {
    condition     = output.endpoint_security_group_id == null
    error_message = "No endpoints, no security group."
  }
}

run "nothing_is_created_with_create_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.vpc_id == null && length(output.app_subnet_ids) == 0 && output.nat_gateway_ids == {} && output.s3_endpoint_id == null && output.flow_log_id == null
    error_message = "The module creates nothing."
  }
}
