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

run "ranges_that_others_have_planned" {
  command = plan

  variables {
    cidr_block         = "10.1.0.0/16"
    availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"]
    subnet_cidr_blocks = {
      app      = ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/20", "10.1.48.0/20"]
      public   = ["10.1.64.0/24", "10.1.65.0/24", "10.1.66.0/24", "10.1.67.0/24"]
      database = ["10.1.68.0/24", "10.1.69.0/24", "10.1.70.0/24", "10.1.71.0/24"]
    }
  }

  assert {
    condition     = output.app_subnet_cidr_blocks == ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/20", "10.1.48.0/20"] && output.public_subnet_cidr_blocks[3] == "10.1.67.0/24" && output.database_subnet_cidr_blocks[0] == "10.1.68.0/24"
    error_message = "Four zones, with the ranges that were written."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 4
    error_message = "A NAT gateway a zone."
  }
}

run "addresses_that_partners_know" {
  variables {
    nat_gateways       = "per_zone"
    nat_allocation_ids = ["eipalloc-0a", "eipalloc-0b"]
  }

  assert {
    condition     = length(aws_eip.nat) == 0 && aws_nat_gateway.this["eu-west-1a"].allocation_id == "eipalloc-0a" && aws_nat_gateway.this["eu-west-1b"].allocation_id == "eipalloc-0b"
    error_message = "In the order of the zones, and no new ones."
  }
}

run "databases_are_behind_a_second_wall" {
  command = plan

  variables {
    database_ports = [5432, 6379]
  }

  assert {
    condition = toset([for rule in aws_network_acl.database[0].ingress : "${rule.from_port}-${rule.to_port} ${rule.cidr_block}"]) == toset([
      "5432-5432 10.0.0.0/18", "6379-6379 10.0.0.0/18", "5432-5432 10.0.64.0/18", "6379-6379 10.0.64.0/18",
      "0-65535 10.0.216.0/21", "0-65535 10.0.224.0/21",
    ])
    error_message = "Tasks come in at the two ports, and databases reach each other."
  }

  assert {
    condition = toset([for rule in aws_network_acl.database[0].egress : "${rule.from_port}-${rule.to_port} ${rule.cidr_block}"]) == toset([
      "1024-65535 10.0.0.0/18", "1024-65535 10.0.64.0/18", "0-65535 10.0.216.0/21", "0-65535 10.0.224.0/21",
    ])
    error_message = "Answers go to tasks, and nothing goes anywhere else."
  }

  assert {
    condition     = length(distinct([for rule in aws_network_acl.database[0].ingress : rule.rule_no])) == 6
    error_message = "Each rule has a number of its own."
  }
}

run "there_is_no_network_acl_by_default" {
  command = plan

  assert {
    condition     = length(aws_network_acl.database) + length(aws_db_subnet_group.this) + length(aws_vpc_endpoint.dynamodb) == 0 && output.database_network_acl_id == null && output.database_subnet_group_name == null && output.dynamodb_endpoint_id == null
    error_message = "What was not asked for is not there."
  }
}

run "subnets_for_other_tools" {
  command = plan

  variables {
    create_database_subnet_group = true
    dynamodb_endpoint            = true
    tags                         = { Environment = "production" }
    public_subnet_tags           = { Tier = "public" }
    app_subnet_tags              = { Tier = "app", Environment = "shared" }
    database_subnet_tags         = { Tier = "database" }
  }

  assert {
    condition     = output.database_subnet_group_name == "shop" && aws_vpc_endpoint.dynamodb[0].service_name == "com.amazonaws.eu-west-1.dynamodb"
    error_message = "A subnet group, and the way to DynamoDB."
  }

  assert {
    condition     = aws_subnet.app["eu-west-1a"].tags == tomap({ Environment = "shared", Name = "shop-app-eu-west-1a", Tier = "app" }) && aws_subnet.public["eu-west-1a"].tags["Tier"] == "public" && aws_subnet.database["eu-west-1b"].tags["Tier"] == "database"
    error_message = "Each kind of subnet has its tags, and keeps its name."
  }
}
