# In the first apply ARNs, ids and images of other resources are not known: the plan must not need them.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

mock_provider "switchyard" {}

run "the_first_plan_needs_no_value_of_other_resources" {
  command = plan

  module {
    source = "./tests/not-known-yet"
  }

  assert {
    condition     = keys(output.services) == ["other", "web"]
    error_message = "Both services are planned."
  }
}
