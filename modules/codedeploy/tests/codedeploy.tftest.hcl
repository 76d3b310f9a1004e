# Offline: AWS is played by a mock.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/shop-codedeploy" }
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

run "a_group_has_safe_settings_by_itself" {
  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].deployment_group_name == "shop-web"
    error_message = "The group is called after the application and the service."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].blue_green_deployment_config[0].terminate_blue_instances_on_deployment_success[0].termination_wait_time_in_minutes == 5
    error_message = "The old tasks run on for five minutes."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].blue_green_deployment_config[0].deployment_ready_option[0].action_on_timeout == "CONTINUE_DEPLOYMENT"
    error_message = "Deployments continue by themselves."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].auto_rollback_configuration[0].enabled && aws_codedeploy_deployment_group.this["web"].auto_rollback_configuration[0].events == toset(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"])
    error_message = "Failed deployments go back."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].deployment_config_name == "CodeDeployDefault.ECSAllAtOnce"
    error_message = "All traffic moves at once by default."
  }

  assert {
    condition     = length(aws_codedeploy_deployment_group.this["web"].alarm_configuration) == 0
    error_message = "Without alarms there is no alarm configuration."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.this[0].policy).Statement : statement.Sid] == ["PassRolesOfTasks"]
    error_message = "Without hooks and topics the role may only pass the roles of the tasks."
  }
}

run "everything_can_be_set" {
  variables {
    custom_configs = {
      careful = { canary = { percent = 5, minutes = 30 } }
      even    = { linear = { percent = 20, minutes = 2 } }
    }

    triggers = {
      chat = { topic_arn = "arn:aws:sns:eu-west-1:123456789012:chat", events = ["DeploymentFailure"] }
    }

    services = {
      web = {
        service_name            = "web"
        target_group_names      = ["web-a", "web-b"]
        production_listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2"
        test_listener_arn       = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/3"
        deployment_config       = "careful"
        alarms                  = ["web-errors"]
        ready_wait_minutes      = 60
        termination_minutes     = 2880
        hooks                   = { AfterAllowTestTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:check" }
      }
    }
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].deployment_config_name == "shop-careful-canary-5-30m"
    error_message = "The group uses the configuration of its own, whose name says what it does."
  }

  assert {
    condition     = aws_codedeploy_deployment_config.this["even"].traffic_routing_config[0].time_based_linear[0].percentage == 20
    error_message = "A linear configuration has its percentage."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].blue_green_deployment_config[0].deployment_ready_option[0].action_on_timeout == "STOP_DEPLOYMENT"
    error_message = "A deployment for which nobody gave leave in time stops."
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].alarm_configuration[0].alarms == toset(["web-errors"])
    error_message = "The alarm stops deployments."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this[0].policy).Statement : statement.Resource if statement.Sid == "CallHooks"]) == ["arn:aws:lambda:eu-west-1:123456789012:function:check"]
    error_message = "The role may call the hook, and no other function."
  }

  assert {
    condition     = jsondecode(output.appspecs["web"]).Hooks == [{ AfterAllowTestTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:check" }]
    error_message = "The AppSpec names the hook."
  }

  assert {
    condition     = jsondecode(output.appspecs["web"]).Resources[0].TargetService.Properties.LoadBalancerInfo.ContainerName == "web"
    error_message = "The container is called like the service when nothing else is said."
  }
}

run "nothing_is_created_with_create_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.app_name == null && output.role_arn == null && output.deployment_group_names == {} && output.appspecs == {}
    error_message = "The module creates nothing."
  }
}

run "the_role_can_exist" {
  variables {
    create_role = false
    role_arn    = "arn:aws:iam::123456789012:role/codedeploy"
  }

  assert {
    condition     = length(aws_iam_role.this) == 0 && length(aws_iam_role_policy.this) == 0 && output.role_arn == "arn:aws:iam::123456789012:role/codedeploy"
    error_message = "The role is the one that exists."
  }

  assert {
    condition     = alltrue([for group in aws_codedeploy_deployment_group.this : group.service_role_arn == "arn:aws:iam::123456789012:role/codedeploy"])
    error_message = "CodeDeploy deploys with it."
  }
}

run "iam_can_choose_the_end_of_the_roles_name" {
  variables {
    iam_role_use_name_prefix = true
  }

  assert {
    condition     = aws_iam_role.this[0].name_prefix == "shop-codedeploy-"
    error_message = "The name begins with that of the application."
  }
}
