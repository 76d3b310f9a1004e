# Every restriction refuses what it is there for.

mock_provider "aws" {}

variables {
  name               = "brokers"
  vpc_id             = "vpc-0a1b2c3d"
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  target_cidr_blocks = ["10.0.0.0/16"]
}

run "refuses_a_name_with_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}

run "refuses_no_subnets" {
  command = plan

  variables {
    subnet_ids = []
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_no_targets" {
  command = plan

  variables {
    target_cidr_blocks = []
  }

  expect_failures = [var.target_cidr_blocks]
}

run "refuses_a_client_that_is_no_range" {
  command = plan

  variables {
    ingress_cidr_blocks = ["everybody"]
  }

  expect_failures = [var.ingress_cidr_blocks]
}

run "refuses_a_tester_twice" {
  command = plan

  variables {
    tester_cidr_blocks = ["10.0.0.0/8", "10.0.0.0/8"]
  }

  expect_failures = [var.tester_cidr_blocks]
}

run "refuses_a_service_name_with_underscores" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { my_broker = { port = 1883, listener_port = 1883 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_service_name_that_is_too_long" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { a-broker-with-a-long-name = { port = 1883, listener_port = 1883 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_port_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 0, listener_port = 1883 } }
  }

  expect_failures = [var.services]
}

run "refuses_two_listeners_on_one_port" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, test_listener_port = 1883 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_protocol_of_another_load_balancer" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, protocol = "HTTP" } }
  }

  expect_failures = [var.services]
}

run "refuses_tls_without_a_certificate" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, protocol = "TLS" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_certificate_without_tls" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_deregistration_delay_beyond_an_hour" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, deregistration_delay = 3601 } }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_over_udp" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, health_check = { protocol = "UDP" } } }
  }

  expect_failures = [var.services]
}

run "refuses_a_path_for_a_connection" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, health_check = { path = "/health" } } }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_every_second" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, health_check = { interval = 1 } } }
  }

  expect_failures = [var.services]
}

run "refuses_a_misspelled_setting" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { broker = { port = 1883, listener_port = 1883, health_check = { path = null, intervall = 5 } } }
    written  = { broker = { port = 1883, listener_port = 1883, health_check = { path = null, intervall = 5 } } }
  }

  expect_failures = [output.services]
}
