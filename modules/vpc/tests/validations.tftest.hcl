# Every restriction refuses what it is there for.

mock_provider "aws" {}

variables {
  name               = "shop"
  availability_zones = ["eu-west-1a", "eu-west-1b"]
}

run "a_name_with_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "a_range_that_is_no_network" {
  command = plan

  variables {
    cidr_block = "10.0.0.1/16"
  }

  expect_failures = [var.cidr_block]
}

run "a_range_above_16" {
  command = plan

  variables {
    cidr_block = "10.0.0.0/15"
  }

  expect_failures = [var.cidr_block]
}

run "a_range_below_22" {
  command = plan

  variables {
    cidr_block = "10.0.0.0/23"
  }

  expect_failures = [var.cidr_block]
}

run "an_ipv6_range" {
  command = plan

  variables {
    cidr_block = "fd00::/16"
  }

  expect_failures = [var.cidr_block]
}

run "a_range_that_aws_keeps" {
  command = plan

  variables {
    cidr_block = "169.254.0.0/16"
  }

  expect_failures = [var.cidr_block]
}

run "one_zone" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "seven_zones" {
  command = plan

  variables {
    availability_zones = [for zone in ["a", "b", "c", "d", "e", "f", "g"] : "eu-west-1${zone}"]
  }

  expect_failures = [var.availability_zones]
}

run "a_zone_twice" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a", "eu-west-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "a_zone_by_id" {
  command = plan

  variables {
    availability_zones = ["euw1-az1", "euw1-az2"]
  }

  expect_failures = [var.availability_zones]
}

run "zones_of_two_regions" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a", "eu-central-1a"]
  }

  expect_failures = [var.availability_zones]
}

run "an_unknown_number_of_nat_gateways" {
  command = plan

  variables {
    nat_gateways = "two"
  }

  expect_failures = [var.nat_gateways]
}

run "an_endpoint_by_its_full_name" {
  command = plan

  variables {
    interface_endpoints = ["com.amazonaws.eu-west-1.logs"]
  }

  expect_failures = [var.interface_endpoints]
}

run "s3_as_interface_endpoint" {
  command = plan

  variables {
    interface_endpoints = ["s3"]
  }

  expect_failures = [var.interface_endpoints]
}

run "half_of_the_image_registry" {
  command = plan

  variables {
    interface_endpoints = ["ecr.api"]
  }

  expect_failures = [var.interface_endpoints]
}

run "flow_logs_of_unknown_traffic" {
  command = plan

  variables {
    flow_logs = { traffic_type = "SOME" }
  }

  expect_failures = [var.flow_logs]
}

run "flow_logs_every_half_minute" {
  command = plan

  variables {
    flow_logs = { aggregation_interval = 30 }
  }

  expect_failures = [var.flow_logs]
}

run "flow_logs_kept_for_31_days" {
  command = plan

  variables {
    flow_logs = { retention_days = 31 }
  }

  expect_failures = [var.flow_logs]
}

run "a_key_by_alias" {
  command = plan

  variables {
    flow_logs = { kms_key_arn = "alias/logs" }
  }

  expect_failures = [var.flow_logs]
}

run "a_tag_that_the_module_sets" {
  command = plan

  variables {
    tags = { Name = "shop" }
  }

  expect_failures = [var.tags]
}

run "a_tag_that_aws_keeps" {
  command = plan

  variables {
    tags = { "aws:owner" = "shop" }
  }

  expect_failures = [var.tags]
}

run "fifty_tags" {
  command = plan

  variables {
    tags = { for number in range(50) : "tag-${number}" => "" }
  }

  expect_failures = [var.tags]
}

run "tasks_that_reach_nothing" {
  command = plan

  variables {
    nat_gateways        = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr"]
  }

  expect_failures = [check.tasks_can_pull_images]
}

run "more_than_there_is_room_for" {
  command = plan

  variables {
    availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c", "eu-west-1d"]
    nat_allocation_ids = ["eipalloc-0a"]
    database_ports     = [for port in range(10) : 5432 + port]
    public_subnet_tags = { for number in range(50) : "tag-${number}" => "" }
  }

  expect_failures = [var.subnet_cidr_blocks, var.nat_allocation_ids, var.database_ports, var.public_subnet_tags]
}

run "what_is_none" {
  command = plan

  variables {
    subnet_cidr_blocks = { app = ["10.0.0.0/20", "10.0.16.0/20"], public = ["10.0.64.0/24", "10.0.65.0/24"], database = ["10.0.68.0/24", "10.0.69.1/24"] }
    nat_gateways       = "one"
    nat_allocation_ids = ["192.0.2.1"]
    database_ports     = [70000]
  }

  expect_failures = [var.subnet_cidr_blocks, var.nat_allocation_ids, var.database_ports]
}

run "a_zone_without_a_range_and_names_of_the_module" {
  command = plan

  variables {
    subnet_cidr_blocks   = { app = ["10.0.0.0/20"], public = ["10.0.64.0/24", "10.0.65.0/24"], database = ["10.0.68.0/24", "10.0.69.0/24"] }
    app_subnet_tags      = { Name = "app" }
    database_subnet_tags = { Name = "db" }
  }

  expect_failures = [var.subnet_cidr_blocks, var.app_subnet_tags, var.database_subnet_tags]
}

run "ranges_of_subnets_that_overlap" {
  command = plan

  variables {
    subnet_cidr_blocks = { app = ["10.0.0.0/20", "10.0.16.0/20"], public = ["10.0.64.0/24", "10.0.65.0/24"], database = ["10.0.68.0/24", "10.0.0.0/24"] }
  }

  expect_failures = [var.subnet_cidr_blocks]
}

run "a_range_outside_the_vpc" {
  command = plan

  variables {
    subnet_cidr_blocks = { app = ["10.0.0.0/20", "10.0.16.0/20"], public = ["10.0.64.0/24", "10.0.65.0/24"], database = ["10.0.68.0/24", "10.9.69.0/24"] }
  }

  expect_failures = [var.subnet_cidr_blocks]
}

run "a_subnet_too_small_for_a_load_balancer" {
  command = plan

  variables {
    subnet_cidr_blocks = { app = ["10.0.0.0/20", "10.0.16.0/20"], public = ["10.0.64.0/24", "10.0.65.0/24"], database = ["10.0.68.0/24", "10.0.69.0/28"] }
  }

  expect_failures = [var.subnet_cidr_blocks]
}
