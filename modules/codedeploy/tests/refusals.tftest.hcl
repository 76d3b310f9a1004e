# What CodeDeploy refuses, or what would do harm, is refused before anything is made.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  name           = "shop"
  cluster_name   = "main"
  pass_role_arns = ["arn:aws:iam::123456789012:role/web-task"]

  services = {
    web = {
      service_name            = "web"
      target_group_names      = ["web-a", "web-b"]
      production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
    }
  }
}

run "keep_alive_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        termination_action      = "KEEP_ALIVE"
      }
    }
  }

  expect_failures = [var.services]
}

run "another_termination_action_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        termination_action      = "STOP"
      }
    }
  }

  expect_failures = [var.services]
}

run "a_termination_wait_of_more_than_two_days_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        termination_minutes     = 2881
      }
    }
  }

  expect_failures = [var.services]
}

run "a_ready_wait_of_half_a_minute_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        ready_wait_minutes      = 0.5
      }
    }
  }

  expect_failures = [var.services]
}

run "the_configuration_of_another_name_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        deployment_config       = "CodeDeployDefault.ECSAllAtOnceBlueGreen"
      }
    }
  }

  expect_failures = [var.services]
}

run "a_configuration_aws_does_not_have_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        deployment_config       = "CodeDeployDefault.ECSCanary20Percent5Minutes"
      }
    }
  }

  expect_failures = [var.services]
}

run "a_configuration_nobody_described_is_refused" {
  command = plan

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        deployment_config       = "careful"
      }
    }
  }

  expect_failures = [aws_codedeploy_deployment_group.this["web"]]
}

run "a_circuit_breaker_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        circuit_breaker         = true
      }
    }
  }

  expect_failures = [var.services]
}

run "one_target_group_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
      }
    }
  }

  expect_failures = [var.services]
}

run "arns_of_target_groups_are_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
      }
    }
  }

  expect_failures = [var.services]
}

run "a_listener_rule_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3"
      }
    }
  }

  expect_failures = [var.services]
}

run "the_production_listener_as_test_listener_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        test_listener_arn       = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
      }
    }
  }

  expect_failures = [var.services]
}

run "eleven_alarms_are_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        alarms                  = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"]
      }
    }
  }

  expect_failures = [var.services]
}

run "alarms_without_rollback_are_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        alarms                  = ["a"]
        rollback_on             = ["DEPLOYMENT_FAILURE"]
      }
    }
  }

  expect_failures = [var.services]
}

run "an_unknown_rollback_event_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        rollback_on             = ["ALWAYS"]
      }
    }
  }

  expect_failures = [var.services]
}

run "a_hook_at_an_event_of_codedeploy_itself_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        hooks                   = { AllowTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:check" }
      }
    }
  }

  expect_failures = [var.services]
}

run "a_hook_by_name_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        hooks                   = { BeforeAllowTraffic = "check" }
      }
    }
  }

  expect_failures = [var.services]
}

run "a_test_traffic_hook_without_test_listener_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        hooks                   = { AfterAllowTestTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:check" }
      }
    }
  }

  expect_failures = [var.services]
}

run "a_port_out_of_range_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        container_port          = 70000
      }
    }
  }

  expect_failures = [var.services]
}

run "a_key_with_spaces_is_refused" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      "the web" = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
      }
    }
  }

  expect_failures = [var.services]
}

run "a_cluster_arn_is_refused" {
  command = plan

  variables {
    cluster_name = "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
  }

  expect_failures = [var.cluster_name]
}

run "a_name_with_a_dot_is_refused" {
  command = plan

  variables {
    name = "shop.web"
  }

  expect_failures = [var.name]
}

run "no_roles_to_pass_are_refused" {
  command = plan

  variables {
    pass_role_arns = []
  }

  expect_failures = [var.pass_role_arns]
}

run "a_trigger_for_an_unknown_event_is_refused" {
  command = plan

  variables {
    triggers = { chat = { topic_arn = "arn:aws:sns:eu-west-1:123456789012:chat", events = ["Always"] } }
  }

  expect_failures = [var.triggers]
}

run "a_configuration_of_both_kinds_is_refused" {
  command = plan

  variables {
    custom_configs = { both = { canary = { percent = 10, minutes = 1 }, linear = { percent = 10, minutes = 1 } } }
  }

  expect_failures = [var.custom_configs]
}

run "a_shift_of_everything_is_refused" {
  command = plan

  variables {
    custom_configs = { all = { canary = { percent = 100, minutes = 1 } } }
  }

  expect_failures = [var.custom_configs]
}

run "a_shift_without_time_is_refused" {
  command = plan

  variables {
    custom_configs = { quick = { canary = { percent = 10, minutes = 0 } } }
  }

  expect_failures = [var.custom_configs]
}

run "shifts_over_more_than_two_days_are_refused" {
  command = plan

  variables {
    custom_configs = { slow = { linear = { percent = 1, minutes = 60 } } }
  }

  expect_failures = [var.custom_configs]
}

run "refuses_a_setting_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { service_name = "web", target_group_names = ["a", "b"], production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2", alarm = ["errors"] } }
    written  = { web = { service_name = "web", target_group_names = ["a", "b"], production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2", alarm = ["errors"] } }
  }

  expect_failures = [output.services]
}

run "refuses_half_a_role_of_ones_own" {
  command = plan

  variables {
    create_role = false
  }

  expect_failures = [var.role_arn]
}
