# Every restriction refuses what it is there for.

mock_provider "aws" {}

mock_provider "switchyard" {}

variables {
  name            = "shop"
  vpc_id          = "vpc-0a1b2c3d"
  subnet_ids      = ["subnet-0a", "subnet-0b"]
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
}

run "a_name_with_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "a_name_that_is_too_long" {
  command = plan

  variables {
    name = "shop-with-a-very-long-name"
  }

  expect_failures = [var.name]
}

run "a_name_that_aws_keeps" {
  command = plan

  variables {
    name = "internal-shop"
  }

  expect_failures = [var.name]
}

run "a_vpc_by_name" {
  command = plan

  variables {
    vpc_id = "main"
  }

  expect_failures = [var.vpc_id]
}

run "one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-0a", "subnet-0a"]
  }

  expect_failures = [var.subnet_ids]
}

run "a_subnet_by_arn" {
  command = plan

  variables {
    subnet_ids = ["subnet-0a", "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-0b"]
  }

  expect_failures = [var.subnet_ids]
}

run "an_unknown_address_type" {
  command = plan

  variables {
    ip_address_type = "ipv6"
  }

  expect_failures = [var.ip_address_type]
}

run "a_certificate_that_is_no_acm_arn" {
  command = plan

  variables {
    certificate_arn = "arn:aws:iam::123456789012:server-certificate/shop"
  }

  expect_failures = [var.certificate_arn]
}

run "another_certificate_that_is_no_acm_arn" {
  command = plan

  variables {
    additional_certificate_arns = ["shop.example.com"]
  }

  expect_failures = [var.additional_certificate_arns]
}

run "too_many_certificates" {
  command = plan

  variables {
    additional_certificate_arns = [for number in range(26) : "arn:aws:acm:eu-west-1:123456789012:certificate/${number}"]
  }

  expect_failures = [var.additional_certificate_arns]
}

run "a_tls_policy_with_old_versions" {
  command = plan

  variables {
    ssl_policy = "ELBSecurityPolicy-2016-08"
  }

  expect_failures = [var.ssl_policy]
}

run "a_tls_policy_that_takes_tls_1_1" {
  command = plan

  variables {
    ssl_policy = "ELBSecurityPolicy-TLS13-1-1-2021-06"
  }

  expect_failures = [var.ssl_policy]
}

run "a_client_that_is_no_range" {
  command = plan

  variables {
    ingress_cidr_blocks = ["10.0.0.1"]
  }

  expect_failures = [var.ingress_cidr_blocks]
}

run "an_ipv4_range_among_ipv6" {
  command = plan

  variables {
    ip_address_type          = "dualstack"
    ingress_ipv6_cidr_blocks = ["10.0.0.0/8"]
  }

  expect_failures = [var.ingress_ipv6_cidr_blocks]
}

run "ipv6_clients_of_an_ipv4_load_balancer" {
  command = plan

  variables {
    ingress_ipv6_cidr_blocks = ["::/0"]
  }

  expect_failures = [var.ingress_ipv6_cidr_blocks]
}

run "no_target_range" {
  command = plan

  variables {
    target_cidr_blocks = []
  }

  expect_failures = [var.target_cidr_blocks]
}

run "a_target_range_that_is_none" {
  command = plan

  variables {
    target_cidr_blocks = ["tasks"]
  }

  expect_failures = [var.target_cidr_blocks]
}

run "a_test_listener_on_port_0" {
  command = plan

  variables {
    test_listener = { port = 0 }
  }

  expect_failures = [var.test_listener]
}

run "a_test_listener_on_the_production_port" {
  command = plan

  variables {
    test_listener = { port = 443 }
  }

  expect_failures = [var.test_listener]
}

run "a_test_listener_that_speaks_tcp" {
  command = plan

  variables {
    test_listener = { protocol = "TCP" }
  }

  expect_failures = [var.test_listener]
}

run "a_tester_that_is_no_range" {
  command = plan

  variables {
    test_listener = { cidr_blocks = ["office"] }
  }

  expect_failures = [var.test_listener]
}

run "a_service_name_with_underscores" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web_shop = { port = 80, priority = 1, path_patterns = ["/*"] } }
  }

  expect_failures = [var.services]
}

run "a_service_name_that_is_too_long" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web-with-a-name-much-too-long = { port = 80, priority = 1, path_patterns = ["/*"] } }
  }

  expect_failures = [var.services]
}

run "more_services_than_target_groups" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { for number in range(51) : "s${number}" => { port = 80, priority = number + 1, path_patterns = ["/s${number}"] } }
  }

  expect_failures = [var.services]
}

run "a_port_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 70000, priority = 1, path_patterns = ["/*"] } }
  }

  expect_failures = [var.services]
}

run "an_old_port_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, old_ports = [0], priority = 1, path_patterns = ["/*"] } }
  }

  expect_failures = [var.services]
}

run "a_priority_of_0" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 0, path_patterns = ["/*"] } }
  }

  expect_failures = [var.services]
}

run "two_services_of_one_priority" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      one = { port = 80, priority = 1, path_patterns = ["/one"] }
      two = { port = 80, priority = 1, path_patterns = ["/two"] }
    }
  }

  expect_failures = [var.services]
}

run "a_service_that_nothing_leads_to" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1 } }
  }

  expect_failures = [var.services]
}

run "six_values_in_a_rule" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/1", "/2", "/3"], host_headers = ["a.example.com", "b.example.com", "c.example.com"] } }
  }

  expect_failures = [var.services]
}

run "a_path_pattern_without_slash" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["shop/*"] } }
  }

  expect_failures = [var.services]
}

run "a_host_that_is_no_name" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, host_headers = ["https://shop.example.com"] } }
  }

  expect_failures = [var.services]
}

run "a_deregistration_delay_beyond_an_hour" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], deregistration_delay = 3601 } }
  }

  expect_failures = [var.services]
}

run "a_health_check_path_without_slash" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { path = "health" } } }
  }

  expect_failures = [var.services]
}

run "a_health_check_port_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { port = 0 } } }
  }

  expect_failures = [var.services]
}

run "a_matcher_that_takes_failures" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { matcher = "200-599" } } }
  }

  expect_failures = [var.services]
}

run "a_health_check_every_second" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { interval = 1 } } }
  }

  expect_failures = [var.services]
}

run "a_health_check_timeout_of_a_second" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { timeout = 1 } } }
  }

  expect_failures = [var.services]
}

run "a_health_check_timeout_longer_than_its_interval" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { interval = 10, timeout = 10 } } }
  }

  expect_failures = [var.services]
}

run "a_threshold_of_1" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 80, priority = 1, path_patterns = ["/*"], health_check = { healthy_threshold = 1 } } }
  }

  expect_failures = [var.services]
}

run "an_idle_timeout_of_0" {
  command = plan

  variables {
    idle_timeout = 0
  }

  expect_failures = [var.idle_timeout]
}

run "access_logs_into_an_arn" {
  command = plan

  variables {
    access_logs = { bucket = "arn:aws:s3:::shop-logs" }
  }

  expect_failures = [var.access_logs]
}

run "an_access_log_prefix_with_slash" {
  command = plan

  variables {
    access_logs = { bucket = "shop-logs", prefix = "/alb" }
  }

  expect_failures = [var.access_logs]
}

run "a_tag_that_aws_keeps" {
  command = plan

  variables {
    tags = { "aws:owner" = "shop" }
  }

  expect_failures = [var.tags]
}

run "a_client_range_that_begins_in_the_middle" {
  command = plan

  variables {
    ingress_cidr_blocks = ["10.0.0.1/8"]
  }

  expect_failures = [var.ingress_cidr_blocks]
}

run "a_client_range_twice" {
  command = plan

  variables {
    ingress_cidr_blocks = ["10.0.0.0/8", "10.0.0.0/8"]
  }

  expect_failures = [var.ingress_cidr_blocks]
}

run "an_ipv6_range_in_a_long_spelling" {
  command = plan

  variables {
    ip_address_type          = "dualstack"
    ingress_ipv6_cidr_blocks = ["2001:DB8:0:0::/32"]
  }

  expect_failures = [var.ingress_ipv6_cidr_blocks]
}

run "an_ipv6_range_twice" {
  command = plan

  variables {
    ip_address_type          = "dualstack"
    ingress_ipv6_cidr_blocks = ["::/0", "::/0"]
  }

  expect_failures = [var.ingress_ipv6_cidr_blocks]
}

run "a_target_range_that_begins_in_the_middle" {
  command = plan

  variables {
    target_cidr_blocks = ["10.0.0.64/18"]
  }

  expect_failures = [var.target_cidr_blocks]
}

run "a_target_range_twice" {
  command = plan

  variables {
    target_cidr_blocks = ["10.0.0.0/18", "10.0.0.0/18"]
  }

  expect_failures = [var.target_cidr_blocks]
}

run "targets_by_ranges_and_by_groups" {
  command = plan

  variables {
    target_cidr_blocks        = ["10.0.0.0/18"]
    target_security_group_ids = ["sg-0a"]
  }

  expect_failures = [var.target_security_group_ids]
}

run "no_security_group_of_targets" {
  command = plan

  variables {
    target_security_group_ids = []
  }

  expect_failures = [var.target_security_group_ids]
}

run "a_security_group_of_targets_twice" {
  command = plan

  variables {
    target_security_group_ids = ["sg-0a", "sg-0a"]
  }

  expect_failures = [var.target_security_group_ids]
}

run "a_security_group_by_name" {
  command = plan

  variables {
    target_security_group_ids = ["tasks"]
  }

  expect_failures = [var.target_security_group_ids]
}

run "a_tester_range_that_begins_in_the_middle" {
  command = plan

  variables {
    test_listener = { cidr_blocks = ["10.0.0.1/8"] }
  }

  expect_failures = [var.test_listener]
}

run "a_tester_range_twice" {
  command = plan

  variables {
    test_listener = { cidr_blocks = ["10.0.0.0/8", "10.0.0.0/8"] }
  }

  expect_failures = [var.test_listener]
}

run "fifty_tags" {
  command = plan

  variables {
    tags = { for number in range(50) : "tag-${number}" => "" }
  }

  expect_failures = [var.tags]
}

run "more_rules_than_a_security_group_has" {
  command = plan

  variables {
    target_cidr_blocks = [for number in range(3) : "10.0.${64 * number}.0/18"]
    services           = { for number in range(21) : "s${number}" => { port = 8000 + number, priority = number + 1, path_patterns = ["/${number}"] } }
  }

  expect_failures = [check.rules_of_the_security_group]
}

run "refuses_a_setting_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 8080, priority = 100, path_patterns = ["/*"], health_check = { interval_seconds = 30 } } }
    written  = { web = { port = 8080, priority = 100, path_patterns = ["/*"], health_check = { interval_seconds = 30 } } }
  }

  expect_failures = [output.services]
}

run "a_condition_that_is_two" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], conditions = [{ source_ip = { values = ["10.0.0.0/8"] }, http_request_method = { values = ["GET"] } }] } }
  }

  expect_failures = [var.services]
}

run "a_condition_that_is_nothing" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], conditions = [{}] } }
  }

  expect_failures = [var.services]
}

run "a_target_that_speaks_tcp" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], protocol = "TCP" } }
  }

  expect_failures = [var.services]
}

run "a_version_of_http_that_targets_have_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], protocol_version = "HTTP3" } }
  }

  expect_failures = [var.services]
}

run "a_slow_start_of_a_second" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], slow_start = 1 } }
  }

  expect_failures = [var.services]
}

run "an_unknown_algorithm" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], load_balancing_algorithm_type = "random" } }
  }

  expect_failures = [var.services]
}

run "a_slow_start_without_round_robin" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], load_balancing_algorithm_type = "least_outstanding_requests", slow_start = 60 } }
  }

  expect_failures = [var.services]
}

run "the_cookie_of_an_application_without_name" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], stickiness = { type = "app_cookie" } } }
  }

  expect_failures = [var.services]
}

run "a_status_code_of_http_for_grpc" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { port = 3000, priority = 1, path_patterns = ["/*"], protocol_version = "GRPC", health_check = { matcher = "200" } } }
  }

  expect_failures = [var.services]
}

run "https_without_a_certificate" {
  command = plan

  variables {
    certificate_arn = null
  }

  expect_failures = [var.certificate_arn]
}

run "a_certificate_for_http" {
  command = plan

  variables {
    https = false
  }

  expect_failures = [var.certificate_arn]
}

run "a_test_listener_with_tls_beside_http" {
  command = plan

  variables {
    https           = false
    certificate_arn = null
    test_listener   = { protocol = "HTTPS" }
  }

  expect_failures = [var.test_listener]
}

run "no_security_group_at_all" {
  command = plan

  variables {
    create_security_group = false
  }

  expect_failures = [var.security_group_ids]
}
