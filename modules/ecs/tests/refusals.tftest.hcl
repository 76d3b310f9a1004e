# What AWS refuses, or what would do harm, is refused before anything is made.

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

variables {
  name                            = "shop"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1", "subnet-2"]
  load_balancer_security_group_id = "sg-1"

  services = {
    web = { image = "shop:v1" }
  }
}

run "refuses_memory_that_fargate_has_not_for_that_cpu" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image  = "shop:v1"
        cpu    = 256
        memory = 4096
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_memory_between_two_steps" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image  = "shop:v1"
        cpu    = 8192
        memory = 17408
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_cpu_that_fargate_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image = "shop:v1"
        cpu   = 300
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_an_architecture_that_fargate_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image            = "shop:v1"
        cpu_architecture = "RISCV"
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_port_out_of_range" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image = "shop:v1"
        port  = 0
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_secret_by_value" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        secrets = { PASSWORD = "hunter2" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_name_in_environment_and_secrets" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image       = "shop:v1"
        environment = { KEY = "1" }
        secrets     = { KEY = "arn:aws:ssm:eu-west-1:123456789012:parameter/key" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_task_policy_that_is_no_json" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image       = "shop:v1"
        task_policy = "allow everything"
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_without_cmd" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        health_check = { command = ["curl", "-f", "http://localhost/"] }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_without_command" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        health_check = { command = ["CMD-SHELL"] }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_every_second" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        health_check = { command = ["CMD", "true"], interval = 1 }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_health_check_with_eleven_retries" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        health_check = { command = ["CMD", "true"], retries = 11 }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_min_above_max" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        min_capacity = 5
        max_capacity = 4
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_start_outside_the_bounds" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        desired_count = 20
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_half_a_task" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        min_capacity = 1.5
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_cpu_target_above_hundred" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { cpu_target = 120 }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_negative_cooldown" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { scale_in_cooldown = "-1s" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_cooldown_without_unit" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { scale_out_cooldown = 60 }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_bounds_that_nothing_uses" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { cpu_target = 0, memory_target = 0 }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_second_policy_of_the_same_name" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { target_tracking = { cpu = { metric = "cpu", target_value = 60 } } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_to_count_the_requests_of_one_side" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { target_tracking = { requests = { metric = "requests_per_target", target_value = 1000 } } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_to_forecast_the_requests_of_one_side" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image   = "shop:v1"
        scaling = { predictive = { requests = { metric = "requests_per_target", target_value = 1000 } } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_no_target_group" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", load_balancer = { target_group_arns = [] } } }
  }

  expect_failures = [var.services]
}

run "refuses_an_unknown_controller" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image      = "shop:v1"
        deployment = { controller = "jenkins" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_an_unknown_strategy" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image      = "shop:v1"
        deployment = { strategy = "hopeful" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_rolling_behind_a_pair" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { strategy = "rolling" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_canary_without_load_balancer" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image      = "shop:v1"
        deployment = { strategy = "canary" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_circuit_breaker_under_codedeploy" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "codedeploy", codedeploy = { application = "shop", deployment_group = "shop-web" }, circuit_breaker = {} }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_circuit_breaker_beside_traffic_shifts" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { circuit_breaker = {} }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_codedeploy_without_names" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "codedeploy" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_names_of_codedeploy_under_ecs" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { codedeploy = { application = "shop", deployment_group = "shop-web" } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_bake_time_under_codedeploy" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "codedeploy", bake_time = "5m", codedeploy = { application = "shop", deployment_group = "shop-web" } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_hook_at_an_unknown_event" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "codedeploy", codedeploy = { application = "shop", deployment_group = "shop-web", hooks = { AllowTraffic = "check" } } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_service_name_with_spaces" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      "the web" = {
        image = "shop:v1"
        port  = 80
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_an_empty_image" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_load_balancer_whose_security_group_nobody_named" {
  command = plan

  variables {
    load_balancer_security_group_id = null
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
      }
    }
  }

  expect_failures = [aws_vpc_security_group_ingress_rule.load_balancer["8080"]]
}

run "refuses_a_name_with_underscores" {
  command = plan

  variables {
    name = "my_shop"
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

run "refuses_more_than_everything_on_spot" {
  command = plan

  variables {
    fargate_spot_percent = 101
  }

  expect_failures = [var.fargate_spot_percent]
}

run "refuses_a_negative_base" {
  command = plan

  variables {
    on_demand_base = -1
  }

  expect_failures = [var.on_demand_base]
}

run "refuses_a_retention_that_logs_have_not" {
  command = plan

  variables {
    log_retention_days = 42
  }

  expect_failures = [var.log_retention_days]
}

run "refuses_unknown_insights" {
  command = plan

  variables {
    container_insights = "on"
  }

  expect_failures = [var.container_insights]
}

run "refuses_egress_to_no_range" {
  command = plan

  variables {
    egress_cidr_blocks = ["everywhere"]
  }

  expect_failures = [var.egress_cidr_blocks]
}

run "refuses_a_namespace_with_spaces" {
  command = plan

  variables {
    namespace = "my shop"
  }

  expect_failures = [var.namespace]
}

# Names that do not exist: Terraform itself would drop them without a word.

run "refuses_a_misspelled_setting" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", enviroment = { STAGE = "production" } } }
    written  = { web = { image = "shop:v1", enviroment = { STAGE = "production" } } }
  }

  expect_failures = [output.services]
}

run "refuses_misspelled_settings_at_every_depth" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image      = "shop:v1"
        deployment = { canary = { percent = 10, interval = "5m", wait = "1m" }, freeze = [{ reason = "weekend", cron = "cron(0 18 ? * FRI *)" }] }
        gates      = [{ name = "errors", when = ["after"], metric = { predefined = "target_5xx_percent", max = 1 } }]
        scaling    = { scheduled_actions = { night = { schedule = "cron(0 23 * * ? *)", min = 1 } } }
        snapshots  = { bucket = { name = "snapshots", kms = "alias/x" } }
        service_connect_configuration = {
          service = [{ client_alias = [{ port = 80, test_traffic_rules = { header = { name = "x-try", value = { exact = "1", like = "2" } } } }] }]
        }
      }
    }
    written = {
      web = {
        image      = "shop:v1"
        deployment = { canary = { percent = 10, interval = "5m", wait = "1m" }, freeze = [{ reason = "weekend", cron = "cron(0 18 ? * FRI *)" }] }
        gates      = [{ name = "errors", when = ["after"], metric = { predefined = "target_5xx_percent", max = 1 } }]
        scaling    = { scheduled_actions = { night = { schedule = "cron(0 23 * * ? *)", min = 1 } } }
        snapshots  = { bucket = { name = "snapshots", kms = "alias/x" } }
        service_connect_configuration = {
          service = [{ client_alias = [{ port = 80, test_traffic_rules = { header = { name = "x-try", value = { exact = "1", like = "2" } } } }] }]
        }
      }
    }
  }

  assert {
    condition = [for sentence in local.unknown : split(";", sentence)[0]] == [
      "services.web.deployment.canary has no setting wait",
      "services.web.deployment.freeze[0] has no setting cron",
      "services.web.gates[0].metric has no setting max",
      "services.web.scaling.scheduled_actions.night has no setting min",
      "services.web.service_connect_configuration.service[0].client_alias[0].test_traffic_rules.header.value has no setting like",
      "services.web.snapshots.bucket has no setting kms",
    ]
    error_message = "Every name that does not exist is found where it is: ${join(" ", local.unknown)}"
  }

  expect_failures = [output.services]
}

run "takes_settings_that_are_null" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image        = "shop:v1"
        gates        = false ? [{ name = "errors", when = ["after"], http = { url = "https://example.com" } }] : null
        health_check = false ? { command = ["CMD", "true"] } : null
        snapshots    = { bucket = false ? { name = "snapshots" } : null, keep = false ? ["20261121T123456Z-1a2b3c4d"] : null }
      }
    }
    written = {
      web = {
        image        = "shop:v1"
        gates        = false ? [{ name = "errors", when = ["after"], http = { url = "https://example.com" } }] : null
        health_check = false ? { command = ["CMD", "true"] } : null
        snapshots    = { bucket = false ? { name = "snapshots" } : null, keep = false ? ["20261121T123456Z-1a2b3c4d"] : null }
      }
    }
  }

  assert {
    condition     = output.services["web"].health_check == null && output.services["web"].snapshots.bucket == null
    error_message = "A setting that is null is not written."
  }
}

run "takes_every_setting_that_exists" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        environment   = { ANY_NAME = "x" }
        load_balancer = { target_group_arns = ["a", "b"], production_rule_arn = "r", target_group_names = ["a", "b"] }
      }
    }
    written = {
      web = {
        image         = "shop:v1"
        environment   = { ANY_NAME = "x" }
        load_balancer = { target_group_arns = ["a", "b"], production_rule_arn = "r", target_group_names = ["a", "b"] }
      }
    }
  }

  assert {
    condition     = output.services["web"].port == 8080
    error_message = "What is not written has its default."
  }
}

run "refuses_an_owner_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", task_definition_owner = "ci" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_base_image_without_images" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", base_image = "shop:base" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_gate_that_measures_nothing" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", gates = [{ name = "errors", when = ["after"] }] } }
  }

  expect_failures = [var.services]
}

run "refuses_a_metric_without_source" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", gates = [{ name = "errors", when = ["after"], metric = { success_when = "<= 1" } }] } }
  }

  expect_failures = [var.services]
}

run "refuses_a_canary_between_one_target_group" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", load_balancer = { target_group_arns = ["a"] }, deployment = { strategy = "canary" } } }
  }

  expect_failures = [var.services]
}

run "refuses_a_pair_without_a_rule" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", load_balancer = { target_group_arns = ["a", "b"] } } }
  }

  expect_failures = [var.services]
}

run "refuses_a_single_target_group_beside_a_pair" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", load_balancer = { target_group_arns = ["a", "b"], production_rule_arn = "r" }, additional_load_balancer = [{ target_group_arn = "c" }] } }
  }

  expect_failures = [var.services]
}

run "refuses_a_number_of_daemons" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", scheduling_strategy = "DAEMON", desired_count = 2, requires_compatibilities = ["EC2"] } }
  }

  expect_failures = [var.services]
}

run "refuses_an_unknown_scheduling_strategy" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", scheduling_strategy = "ONE_EACH" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_launch_type_beside_capacity_providers" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", launch_type = "EC2", requires_compatibilities = ["EC2"], capacity_provider_strategy = [{ capacity_provider = "large" }] } }
  }

  expect_failures = [var.services]
}

run "refuses_a_launch_type_that_the_task_definition_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", launch_type = "EC2" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_platform_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", requires_compatibilities = ["LAMBDA"] } }
  }

  expect_failures = [var.services]
}

run "refuses_a_protocol_of_no_port" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", protocol = "icmp" } }
  }

  expect_failures = [var.services]
}

run "refuses_an_application_protocol_that_service_connect_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", app_protocol = "https" } }
  }

  expect_failures = [var.services]
}

run "refuses_ephemeral_storage_that_fargate_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", ephemeral_storage = 20 } }
  }

  expect_failures = [var.services]
}

run "refuses_container_definitions_that_are_no_list" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", container_definitions = jsonencode({ name = "web" }) } }
  }

  expect_failures = [var.services]
}

run "refuses_a_member_of_a_container_that_ecs_has_not" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", container_definitions = jsonencode([{ name = "web", entrypoint = ["/bin/app"] }]) } }
  }

  expect_failures = [var.services]
}

run "refuses_an_environment_that_is_written_twice" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", environment = { STAGE = "x" }, container_definitions = jsonencode([{ name = "web", environment = [] }]) } }
  }

  expect_failures = [var.services]
}

run "refuses_a_volume_that_is_nowhere" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", mount_points = { data = "/data" } } }
  }

  expect_failures = [var.services]
}

run "refuses_half_a_role_of_ones_own" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", create_execution_role = false } }
  }

  expect_failures = [var.services]
}

run "refuses_a_task_role_beside_the_module_s" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", task_role_arn = "arn:aws:iam::123456789012:role/own" } }
  }

  expect_failures = [var.services]
}

run "refuses_rights_for_a_role_of_ones_own" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { web = { image = "shop:v1", create_task_role = false, task_role_arn = "arn:aws:iam::123456789012:role/own", enable_execute_command = true } }
  }

  expect_failures = [var.services]
}

run "refuses_a_cluster_that_exists_without_its_arn" {
  command = plan

  variables {
    create_cluster = false
  }

  expect_failures = [var.cluster_arn]
}

run "refuses_two_infrastructure_roles" {
  command = plan

  variables {
    infrastructure_role_arn = "arn:aws:iam::123456789012:role/own"
  }

  expect_failures = [var.infrastructure_role_arn]
}

run "refuses_a_path_without_slashes" {
  command = plan

  variables {
    role_path = "teams"
  }

  expect_failures = [var.role_path]
}

run "refuses_names_that_leave_no_room_for_iam" {
  command = plan

  variables {
    name                     = "a-cluster-with-a-long-name"
    iam_role_use_name_prefix = true
  }

  expect_failures = [var.iam_role_use_name_prefix]
}

run "refuses_callers_of_a_shared_security_group" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web    = { image = "shop:v1" }
      orders = { image = "orders:v1", allowed_services = ["web"] }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_caller_that_does_not_exist" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = { orders = { image = "orders:v1", create_security_group = true, allowed_services = ["web"] } }
  }

  expect_failures = [var.services]
}

run "refuses_external_without_load_balancer" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image      = "shop:v1"
        deployment = { controller = "external", strategy = "rolling", steps = [{ percent = 100 }] }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_external_without_steps" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external" }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_canary_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", strategy = "canary", canary = { percent = 10, interval = "5m" } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_circuit_breaker_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", steps = [{ percent = 100 }], circuit_breaker = {} }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_an_approval_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", steps = [{ percent = 100 }], approval = [{ stages = ["POST_TEST_TRAFFIC_SHIFT"] }] }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_step_that_waits_for_a_person_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", steps = [{ percent = 10, hold = "approval" }, { percent = 100 }] }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_service_connect_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", steps = [{ percent = 100 }] }

        service_connect_configuration = {}
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_names_of_codedeploy_under_external" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment    = { controller = "external", steps = [{ percent = 100 }], codedeploy = { application = "shop", deployment_group = "shop-web" } }
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_gate_with_two_checks" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image = "shop:v1"
        gates = [{ name = "two", when = ["after"], tcp = { host = "a", port = 1 }, tls = { host = "a" } }]
      }
    }
  }

  expect_failures = [var.services]
}

run "refuses_a_gate_without_a_check" {
  command = plan

  module {
    source = "./shape"
  }

  variables {
    services = {
      web = {
        image = "shop:v1"
        gates = [{ name = "none", when = ["after"] }]
      }
    }
  }

  expect_failures = [var.services]
}
