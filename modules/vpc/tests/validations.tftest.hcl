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

run "four_zones" {
  command = plan

  variables {
    availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"]
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
