# Outputs of terraform-aws-modules are inputs here.

mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/0a1b2c3d4e5f6789" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/0a1b2c3d4e5f6789/0a1b2c3d4e5f6789" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0a1b2c3d4e5f6789" }
  }
}

mock_provider "switchyard" {}

# Mocked groups would both have one ARN, and a pair has two.
override_resource {
  target = aws_lb_target_group.pair["web-b"]
  values = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web-b/0a1b2c3d4e5f6789" }
}

variables {
  name            = "shop"
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"

  services = {
    web = { port = 3000, priority = 100, path_patterns = ["/*"] }
  }
}

run "vpc" {
  module {
    source = "./tests/terraform-aws-modules/vpc"
  }
}

run "security_group" {
  module {
    source = "./tests/terraform-aws-modules/security-group"
  }
}

run "takes_the_outputs_of_the_vpc_module" {
  variables {
    vpc_id             = run.vpc.vpc_id
    subnet_ids         = run.vpc.public_subnets
    target_cidr_blocks = run.vpc.private_subnets_cidr_blocks
  }

  assert {
    condition     = aws_lb.this[0].subnets == toset(run.vpc.public_subnets) && aws_lb_target_group.pair["web-a"].vpc_id == run.vpc.vpc_id
    error_message = "The load balancer is in its public subnets, and the targets are in its VPC."
  }

  assert {
    condition     = tolist([for rule in aws_vpc_security_group_egress_rule.targets : rule.cidr_ipv4]) == run.vpc.private_subnets_cidr_blocks
    error_message = "Connections go to its private subnets only."
  }
}

run "takes_the_security_group_of_tasks" {
  variables {
    vpc_id                    = run.vpc.vpc_id
    subnet_ids                = run.vpc.public_subnets
    target_security_group_ids = [run.security_group.security_group_id]
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.targets : rule.referenced_security_group_id] == [run.security_group.security_group_id]
    error_message = "Connections go to members of the group only."
  }

  assert {
    condition     = output.security_group_id == aws_security_group.this[0].id && length(output.services["web"].target_group_arns) == 2
    error_message = "What a service of another module needs is in the outputs."
  }
}
