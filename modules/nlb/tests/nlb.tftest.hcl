# What is planned, without AWS.

mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/brokers/0a1b2c3d4e5f6789" }
  }

  mock_resource "aws_lb_listener" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/brokers/0a1b2c3d4e5f6789/0a1b2c3d4e5f6789" }
  }

  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/brokers/0a1b2c3d4e5f6789" }
  }
}

variables {
  name               = "brokers"
  vpc_id             = "vpc-0a1b2c3d"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  target_cidr_blocks = ["10.0.0.0/18", "10.0.64.0/18"]

  services = {
    broker = { port = 1883, listener_port = 8883, test_listener_port = 18883, protocol = "TLS", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" }
    names  = { port = 53, listener_port = 53, protocol = "UDP", health_check = { protocol = "HTTP", port = 8080, path = "/health" } }
  }
}

run "every_service_has_a_pair_and_a_listener" {
  assert {
    condition     = aws_lb.this[0].load_balancer_type == "network" && keys(aws_lb_target_group.pair) == ["broker-a", "broker-b", "names-a", "names-b"]
    error_message = "Two groups a service."
  }

  assert {
    condition     = sum([for group in aws_lb_listener.production["broker"].default_action[0].forward[0].target_group : group.weight]) == 100 && length(aws_lb_listener.production["broker"].default_action[0].forward[0].target_group) == 2
    error_message = "At first one side gets all connections."
  }

  assert {
    condition     = aws_lb_listener.production["broker"].protocol == "TLS" && aws_lb_target_group.pair["broker-a"].protocol == "TCP" && aws_lb_listener.production["broker"].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "TLS ends at the load balancer."
  }

  assert {
    condition     = keys(aws_lb_listener.test) == ["broker"] && output.services["names"].test_rule_arn == null && output.services["broker"].test_rule_arn != null
    error_message = "Only services that say so have a test listener."
  }

  assert {
    condition     = output.services["broker"].target_group_names == ["brokers-broker-a", "brokers-broker-b"] && output.services["broker"].production_rule_arn == aws_lb_listener.production["broker"].arn
    error_message = "What a blue/green service needs is in the output."
  }

  assert {
    condition     = output.services["names"].health_check_port == 8080 && output.services["broker"].health_check_port == null
    error_message = "Whose health check has a port of its own says so."
  }
}

run "only_clients_come_in_and_only_task_ports_go_out" {
  command = plan

  assert {
    condition     = { for rule in aws_vpc_security_group_ingress_rule.clients : tostring(rule.from_port) => rule.ip_protocol } == { "8883" = "tcp", "53" = "udp" } && length(aws_vpc_security_group_ingress_rule.testers) == 0
    error_message = "Clients reach the production listeners, and nobody the test listeners."
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.targets) == ["tcp-1883-0", "tcp-1883-1", "tcp-8080-0", "tcp-8080-1", "udp-53-0", "udp-53-1"]
    error_message = "The load balancer reaches the tasks and their health checks."
  }
}

run "nothing_is_created_with_create_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.arn == null && output.services == {} && output.security_group_id == null
    error_message = "The module creates nothing."
  }
}
