# What is planned, without AWS.

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

  mock_data "aws_vpc" {
    defaults = { cidr_block = "10.0.0.0/16" }
  }
}

mock_provider "switchyard" {}

# Mocked groups would all have one ARN, and a pair has two.
override_resource {
  target = aws_lb_target_group.pair["checkout-b"]
  values = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-checkout-b/0a1b2c3d4e5f6789" }
}

override_resource {
  target = aws_lb_target_group.pair["web-b"]
  values = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop-web-b/0a1b2c3d4e5f6789" }
}

variables {
  name            = "shop"
  vpc_id          = "vpc-0a1b2c3d"
  subnet_ids      = ["subnet-0a", "subnet-0b"]
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"

  services = {
    checkout = { port = 8080, priority = 10, path_patterns = ["/checkout/*"] }
    web      = { port = 3000, priority = 100, host_headers = ["shop.example.com"], health_check = { port = 3001 } }
  }
}

run "https_is_production_and_answers_404_by_itself" {
  command = plan

  assert {
    condition     = aws_lb_listener.https[0].port == 443 && aws_lb_listener.https[0].protocol == "HTTPS"
    error_message = "Production is HTTPS on port 443."
  }

  assert {
    condition     = aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "TLS 1.2 and 1.3 only."
  }

  assert {
    condition     = aws_lb_listener.https[0].default_action[0].fixed_response[0].status_code == "404"
    error_message = "What no rule takes is answered with 404."
  }

  assert {
    condition     = aws_lb.this[0].drop_invalid_header_fields
    error_message = "Invalid header fields are dropped."
  }
}

run "http_redirects_to_https" {
  command = plan

  assert {
    condition     = aws_lb_listener.redirect[0].default_action[0].redirect[0].protocol == "HTTPS" && aws_lb_listener.redirect[0].default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "Port 80 only redirects."
  }
}

run "every_service_has_a_pair_and_two_rules" {
  assert {
    condition     = keys(aws_lb_target_group.pair) == ["checkout-a", "checkout-b", "web-a", "web-b"]
    error_message = "Two groups a service."
  }

  assert {
    condition     = output.services["checkout"].target_group_names == ["shop-checkout-a", "shop-checkout-b"]
    error_message = "The names of the pair come in order."
  }

  assert {
    condition     = length(output.services["web"].target_group_arns) == 2 && output.services["web"].test_rule_arn != null
    error_message = "What a blue/green service needs is in the output."
  }

  assert {
    condition     = switchyard_listener_rule.production["web"].target_groups == tolist(output.services["web"].target_group_arns)
    error_message = "At first all production traffic goes to side a."
  }

  assert {
    condition     = switchyard_listener_rule.test["web"].target_groups == reverse(switchyard_listener_rule.production["web"].target_groups)
    error_message = "At first all test traffic goes to side b."
  }

  assert {
    condition     = [for condition in switchyard_listener_rule.production["web"].condition : condition.host_header.values if condition.host_header != null] == [toset(["shop.example.com"])] && length(switchyard_listener_rule.production["web"].condition) == 1
    error_message = "A rule has the conditions that are written and no others."
  }

  assert {
    condition     = aws_lb_target_group.pair["web-a"].health_check[0].port == "3001" && aws_lb_target_group.pair["checkout-a"].health_check[0].port == "traffic-port"
    error_message = "Health checks use the port of the task unless told otherwise."
  }
}

run "a_new_port_replaces_no_target_group" {
  variables {
    services = {
      checkout = { port = 9090, old_ports = [8080], priority = 10, path_patterns = ["/checkout/*"] }
      web      = { port = 3000, priority = 100, host_headers = ["shop.example.com"], health_check = { port = 3001 } }
    }
  }

  assert {
    condition     = aws_lb_target_group.pair["checkout-a"].port == 8080
    error_message = "A group keeps its default port; tasks are registered with their own."
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.targets) == ["3000-0", "3001-0", "8080-0", "9090-0"]
    error_message = "The old revision stays reachable beside the new one."
  }
}

run "only_clients_come_in_and_only_task_ports_go_out" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.test) == 0
    error_message = "Nobody reaches the test listener unless named."
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.targets : "${rule.from_port} ${rule.cidr_ipv4}"] == ["3000 10.0.0.0/16", "3001 10.0.0.0/16", "8080 10.0.0.0/16"]
    error_message = "Egress is for the ports of tasks and health checks, into the VPC."
  }
}

run "ranges_of_targets_and_testers_are_taken" {
  command = plan

  variables {
    target_cidr_blocks = ["10.0.0.0/18", "10.0.64.0/18"]
    test_listener      = { port = 8080, protocol = "HTTP", cidr_blocks = ["10.9.0.0/16"] }
    services           = { web = { port = 3000, priority = 1, path_patterns = ["/*"] } }
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.targets) == 2 && length(data.aws_vpc.this) == 0
    error_message = "A rule a range, and the VPC is not asked."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.test["ipv4-0"].cidr_ipv4 == "10.9.0.0/16" && aws_vpc_security_group_ingress_rule.test["ipv4-0"].from_port == 8080
    error_message = "Testers reach the test listener's port."
  }

  assert {
    condition     = aws_lb_listener.test["test"].protocol == "HTTP" && aws_lb_listener.test["test"].certificate_arn == null
    error_message = "A test listener without TLS has no certificate."
  }
}

run "targets_can_be_security_groups" {
  command = plan

  variables {
    target_security_group_ids = ["sg-0a", "sg-0b"]
    services                  = { web = { port = 3000, priority = 1, path_patterns = ["/*"] } }
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.targets : "${rule.from_port} ${rule.referenced_security_group_id}"] == ["3000 sg-0a", "3000 sg-0b"]
    error_message = "A rule a group, for the port of the task."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.targets : rule.cidr_ipv4 == null]) && length(data.aws_vpc.this) == 0
    error_message = "No range is open, and the VPC is not asked."
  }
}

run "the_test_listener_is_8443_with_tls" {
  command = plan

  assert {
    condition     = aws_lb_listener.test["test"].port == 8443 && aws_lb_listener.test["test"].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "The test listener is as safe as production."
  }
}

run "without_a_test_listener_there_are_no_test_rules" {
  command = plan

  variables {
    test_listener = null
  }

  assert {
    condition     = length(aws_lb_listener.test) == 0 && length(switchyard_listener_rule.test) == 0 && output.test_listener_arn == null
    error_message = "No test listener, no test rules."
  }
}

run "access_logs_go_to_the_bucket" {
  command = plan

  variables {
    access_logs = { bucket = "shop-logs", prefix = "alb" }
  }

  assert {
    condition     = aws_lb.this[0].access_logs[0].enabled && aws_lb.this[0].access_logs[0].bucket == "shop-logs"
    error_message = "Access logs are on."
  }
}

run "more_certificates_are_on_both_listeners" {
  command = plan

  variables {
    additional_certificate_arns = ["arn:aws:acm:eu-west-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"]
  }

  assert {
    condition     = length(aws_lb_listener_certificate.https) == 1 && length(aws_lb_listener_certificate.test) == 1
    error_message = "Each listener has the certificate."
  }
}

run "nothing_is_created_with_create_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.arn == null && output.services == {} && output.https_listener_arn == null && output.security_group_id == null
    error_message = "The module creates nothing."
  }
}

run "development_is_http_without_a_certificate" {
  command = plan

  variables {
    https           = false
    certificate_arn = null
  }

  assert {
    condition     = length(aws_lb_listener.https) == 0 && length(aws_lb_listener.redirect) == 0 && aws_lb_listener.http[0].port == 80 && aws_lb_listener.http[0].default_action[0].fixed_response[0].status_code == "404"
    error_message = "Production is HTTP on port 80."
  }

  assert {
    condition     = aws_lb_listener.test["test"].protocol == "HTTP" && aws_lb_listener.test["test"].certificate_arn == null
    error_message = "So is the test listener."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.https) == 0 && length(aws_vpc_security_group_ingress_rule.redirect) == 1
    error_message = "Clients reach port 80 alone."
  }
}

run "http_is_production_for_the_rules" {
  variables {
    https           = false
    certificate_arn = null
  }

  assert {
    condition     = output.production_listener_arn == aws_lb_listener.http[0].arn && output.https_listener_arn == null && switchyard_listener_rule.production["web"].listener_arn == aws_lb_listener.http[0].arn
    error_message = "The rules are on the production listener."
  }
}

run "security_groups_can_exist" {
  command = plan

  variables {
    create_security_group = false
    security_group_ids    = ["sg-0a", "sg-0b"]
  }

  assert {
    condition     = aws_lb.this[0].security_groups == toset(["sg-0a", "sg-0b"]) && length(aws_security_group.this) == 0 && length(aws_vpc_security_group_egress_rule.targets) == 0 && length(data.aws_vpc.this) == 0
    error_message = "The module makes none and no rules."
  }

  assert {
    condition     = output.security_group_id == "sg-0a"
    error_message = "The first one is the load balancer's."
  }
}

run "targets_and_rules_have_what_is_written" {
  variables {
    services = {
      checkout = {
        port             = 8080
        priority         = 10
        protocol_version = "GRPC"
        health_check     = { path = "/grpc.health.v1.Health/Check" }
        conditions = [
          { http_header = { http_header_name = "x-tenant", values = ["blue"] } },
          { query_string = [{ key = "beta", value = "1" }] },
        ]
      }
      web = {
        port            = 3000
        priority        = 100
        host_headers    = ["shop.example.com"]
        path_patterns   = ["/*"]
        slow_start      = 60
        stickiness      = { cookie_duration = 3600 }
        side_stickiness = "10m"
      }
    }
  }

  assert {
    condition     = aws_lb_target_group.pair["checkout-a"].protocol_version == "GRPC" && aws_lb_target_group.pair["checkout-a"].health_check[0].matcher == "0"
    error_message = "gRPC has a health check of its own."
  }

  assert {
    condition     = length(switchyard_listener_rule.production["checkout"].condition) == 2 && [for condition in switchyard_listener_rule.production["checkout"].condition : condition.http_header.http_header_name if condition.http_header != null] == ["x-tenant"]
    error_message = "A rule asks for headers and pairs of the query."
  }

  assert {
    condition     = aws_lb_target_group.pair["web-b"].slow_start == 60 && aws_lb_target_group.pair["web-b"].stickiness[0].cookie_duration == 3600 && switchyard_listener_rule.production["web"].stickiness == "10m"
    error_message = "Clients stay with their task and their side, and new tasks start slowly."
  }

  assert {
    condition     = length(switchyard_listener_rule.test["web"].condition) == 2
    error_message = "The test rule has the same conditions."
  }
}
