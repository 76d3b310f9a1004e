# The module takes what terraform-aws-modules gives, as it is.

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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/some" }
  }

  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop" }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-web:1" }
  }

  mock_resource "aws_service_discovery_private_dns_namespace" {
    defaults = { arn = "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/web" }
  }
}

mock_provider "switchyard" {}

run "vpc" {
  module {
    source = "./tests/terraform-aws-modules/vpc"
  }
}

run "alb" {
  module {
    source = "./tests/terraform-aws-modules/alb"
  }
}

run "outputs_of_terraform_aws_modules_fit" {
  variables {
    name                            = "shop"
    vpc_id                          = run.vpc.vpc_id
    subnet_ids                      = run.vpc.private_subnets
    load_balancer_security_group_id = run.alb.security_group_id

    services = {
      web = {
        image = "shop:v1"

        load_balancer = {
          target_group_arns   = [run.alb.target_groups["web-a"].arn, run.alb.target_groups["web-b"].arn]
          production_rule_arn = run.alb.listener_rules["https/web"].arn
          test_rule_arn       = run.alb.listener_rules["test/web"].arn
        }
      }
    }
  }

  assert {
    condition     = aws_security_group.tasks[0].vpc_id == "vpc-0a1b2c3d" && aws_vpc_security_group_ingress_rule.load_balancer["8080"].referenced_security_group_id == "sg-0a1b2c3d"
    error_message = "The tasks are in the VPC, and its load balancer reaches them."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].network_configuration.subnets == toset(["subnet-0a", "subnet-0b"])
    error_message = "The tasks are in the private subnets."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].load_balancer.target_groups == toset([for group in values(run.alb.target_groups) : group.arn])
    error_message = "The service moves between the two target groups."
  }

  assert {
    condition     = endswith(switchyard_blue_green_service.this["web"].load_balancer.production_listener_rule, "/2/3") && endswith(switchyard_blue_green_service.this["web"].load_balancer.test_listener_rule, "/4/5")
    error_message = "The service has its rules."
  }
}
