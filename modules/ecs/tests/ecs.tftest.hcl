# Offline: AWS and Switchyard are played by mocks.

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

run "a_service_has_safe_settings_by_itself" {
  assert {
    condition     = one([for setting in aws_ecs_cluster.this[0].setting : setting.value if setting.name == "containerInsights"]) == "enabled"
    error_message = "The cluster has Container Insights."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].desired_count == 2 && switchyard_blue_green_service.this["web"].desired_count_owner == "autoscaler"
    error_message = "The service starts with min_capacity, and the autoscaler decides from then on."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].deployment.strategy == "rolling"
    error_message = "Without load balancer tasks are replaced in place."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].capacity_provider_strategy == tolist([{ capacity_provider = "FARGATE", base = 1, weight = 100 }])
    error_message = "Nothing runs on Fargate Spot unless asked for."
  }

  assert {
    condition     = { for policy in switchyard_scaling_policy_set.this["web"].target_tracking : policy.name => [policy.metric, policy.target_value] } == { cpu = ["cpu", 70], memory = ["memory", 80] }
    error_message = "The service scales at 70 percent of CPU and 80 percent of memory."
  }

  assert {
    condition     = alltrue([for policy in switchyard_scaling_policy_set.this["web"].target_tracking : policy.scale_out_cooldown == "1m" && policy.scale_in_cooldown == "5m"])
    error_message = "It scales out after a minute and in after five."
  }

  assert {
    condition     = length(switchyard_scaling_policy_set.this["web"].step) == 0 && length(switchyard_scaling_policy_set.this["web"].scheduled_action) == 0
    error_message = "It has no steps and no schedules by itself."
  }

  assert {
    condition     = aws_ecs_task_definition.this["web"].skip_destroy
    error_message = "Old revisions stay for rollbacks."
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.load_balancer) == 0
    error_message = "Nobody reaches tasks that are behind no load balancer."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.execution["web"].policy).Statement : statement.Sid] == ["WriteLogs"]
    error_message = "An image of no ECR repository and no secrets: the execution role may only write logs."
  }

  assert {
    condition     = length(aws_iam_role_policy.task) == 0
    error_message = "The service itself may do nothing."
  }

  assert {
    condition     = aws_service_discovery_private_dns_namespace.this[0].name == "shop.internal"
    error_message = "The namespace is called after the cluster."
  }
}

run "a_pipeline_passes_images_and_nothing_else_changes" {
  variables {
    services = {
      web = {
        image                 = "shop:v2"
        base_image            = "shop:base"
        task_definition_owner = "images"
        revision_retention    = 5
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].images == tomap({ web = "shop:v2" })
    error_message = "The image of the pipeline is put into the live task definition."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].image == "shop:base"
    error_message = "The base stays as it is."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].revision_retention == 5
    error_message = "Old revisions are deregistered."
  }
}

run "deployments_have_freezes_hooks_scores_snapshots_and_queries" {
  variables {
    services = {
      web = {
        image         = "shop:v1"
        tags          = { Team = "web" }
        health_score  = { minimum = 80 }
        preflight     = { warn_only = ["SY0127"] }
        timeouts      = { update = "2h" }
        snapshots     = { bucket = { name = "shop-snapshots" }, retention = { count = 3 } }
        on_cancel     = "leave"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }

        deployment = {
          strategy           = "canary"
          canary             = { percent = 10, interval = "5m" }
          recovery_objective = "2m"
          freeze             = [{ reason = "weekend", schedule = "cron(0 18 ? * FRI *)", duration = "62h", timezone = "Europe/Berlin" }]
          lifecycle_hooks    = [{ stages = ["POST_TEST_TRAFFIC_SHIFT"], function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:check", role_arn = "arn:aws:iam::123456789012:role/hooks" }]
        }

        gates = [{
          name   = "orders"
          area   = "business"
          when   = ["bake"]
          metric = { success_when = ">= 1", query = [{ id = "orders", namespace = "Shop", name = "Orders", statistic = "Sum" }] }
        }]
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].deployment.freeze[0].reason == "weekend" && switchyard_blue_green_service.this["web"].deployment.lifecycle_hook[0].function_arn == "arn:aws:lambda:eu-west-1:123456789012:function:check" && switchyard_blue_green_service.this["web"].deployment.recovery_objective == "2m"
    error_message = "The deployment has its freezes and hooks."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].gate[0].metric.query[0].namespace == "Shop" && switchyard_blue_green_service.this["web"].gate[0].area == "business"
    error_message = "Gates measure custom metrics."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].health_score.minimum == 80 && switchyard_blue_green_service.this["web"].snapshots.bucket.name == "shop-snapshots" && switchyard_blue_green_service.this["web"].snapshots.retention.count == 3
    error_message = "Score and snapshots are passed on."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].preflight.warn_only == toset(["SY0127"]) && switchyard_blue_green_service.this["web"].timeouts.update == "2h" && switchyard_blue_green_service.this["web"].on_cancel == "leave"
    error_message = "The rest is passed on."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].tags == tomap({ Team = "web" })
    error_message = "A service has tags of its own."
  }
}

run "everything_can_be_set" {
  variables {
    fargate_spot_percent = 70
    on_demand_base       = 2
    namespace            = "shop.local"
    log_retention_days   = 90
    secret_kms_key_arns  = ["arn:aws:kms:eu-west-1:123456789012:key/1"]

    services = {
      web = {
        image                  = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop:v1"
        port                   = 3000
        cpu                    = 512
        memory                 = 3072
        cpu_architecture       = "ARM64"
        environment            = { STAGE = "prod" }
        task_policy            = jsonencode({ Version = "2012-10-17", Statement = [] })
        enable_execute_command = true
        min_capacity           = 3
        max_capacity           = 15
        desired_count          = 4
        load_balancer          = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }

        scaling = {
          cpu_target    = 50
          memory_target = 0
          suspended     = { scale_in = true }
          unmanaged     = "adopt"

          scheduled_actions = {
            evening = { schedule = "cron(0 18 * * ? *)", timezone = "Europe/Berlin", min_capacity = 6 }
          }

          target_tracking = {
            busy = {
              target_value = 3
              metric_math = {
                expression = "m1 / m2"
                metrics = {
                  m1 = { namespace = "Shop", metric_name = "OpenCarts", statistic = "Sum" }
                  m2 = { namespace = "ECS/ContainerInsights", metric_name = "RunningTaskCount", dimensions = { ServiceName = "web" } }
                }
              }
            }
          }

          predictive = {
            daily = { metric = "cpu", target_value = 60, mode = "ForecastAndScale" }
          }

          step = {
            burst = {
              step_adjustments = [
                { metric_interval_lower_bound = 0, metric_interval_upper_bound = 20, scaling_adjustment = 2 },
                { metric_interval_lower_bound = 20, scaling_adjustment = 5 },
              ]
              alarm = { metric = { namespace = "Shop", metric_name = "WaitingCarts" }, evaluation_periods = 2, comparison = ">=", threshold = 80 }
            }
          }
        }

        secrets = {
          DB_PASSWORD = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::"
          DB_USER     = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:user::"
          API_KEY     = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/api-key"
        }

        health_check = {
          command = ["CMD-SHELL", "curl -f http://localhost:3000/health"]
        }

        deployment = {
          strategy  = "canary"
          canary    = { percent = 10, interval = "5m" }
          bake_time = "5m"
          alarms    = ["shop-errors"]
        }

        gates = [{
          name = "ready"
          when = ["before_traffic"]
          http = { target = "new_targets", path = "/ready" }
        }]
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].capacity_provider_strategy == tolist([{ capacity_provider = "FARGATE", base = 2, weight = 30 }, { capacity_provider = "FARGATE_SPOT", base = 0, weight = 70 }])
    error_message = "Seven tasks of ten above the base run on Fargate Spot."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].secrets == [for name, reference in var.services["web"].secrets : { name = name, valueFrom = reference }]
    error_message = "Secrets are in the task definition as references."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution["web"].policy).Statement : statement.Resource if statement.Sid == "ReadSecrets"]) == ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"]
    error_message = "The execution role may read the one secret that is used, and no other."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution["web"].policy).Statement : statement.Resource if statement.Sid == "ReadParameters"]) == ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/api-key"]
    error_message = "The execution role may read the one parameter that is used."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution["web"].policy).Statement : statement.Resource if statement.Sid == "PullImage"]) == ["arn:aws:ecr:eu-west-1:123456789012:repository/team/shop"]
    error_message = "The execution role may pull from the image's repository, and no other."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].healthCheck.startPeriod == 0
    error_message = "The container has its health check."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.load_balancer) == ["3000"]
    error_message = "The load balancer reaches the port that serves."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].load_balancer.role_arn == aws_iam_role.infrastructure[0].arn
    error_message = "ECS moves the traffic with the infrastructure role."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].gate[0].http.path == "/ready"
    error_message = "The gate asks for readiness."
  }

  assert {
    condition     = sort(switchyard_scaling_policy_set.this["web"].target_tracking[*].name) == tolist(["busy", "cpu"]) && switchyard_scaling_policy_set.this["web"].min_capacity == 3 && switchyard_scaling_policy_set.this["web"].max_capacity == 15
    error_message = "Bounds are the service's own, a target of 0 leaves a policy out, and its own policies are added."
  }

  assert {
    condition     = [for policy in switchyard_scaling_policy_set.this["web"].target_tracking : [for metric in policy.metric_math.metric : metric.dimensions["ServiceName"] if metric.id == "m2"] if policy.name == "busy"] == [["web"]]
    error_message = "A policy of its own reaches the set as it is written."
  }

  assert {
    condition     = alltrue([for policy in switchyard_scaling_policy_set.this["web"].step : policy.name == "burst" && sort(policy.step_adjustment[*].scaling_adjustment) == tolist(["2", "5"]) && policy.alarm.threshold == 80]) && length(switchyard_scaling_policy_set.this["web"].step) == 1
    error_message = "Steps and their alarm reach the set."
  }

  assert {
    condition     = { for policy in switchyard_scaling_policy_set.this["web"].predictive : policy.name => policy.mode } == { daily = "ForecastAndScale" }
    error_message = "Forecasts reach the set."
  }

  assert {
    condition     = { for action in switchyard_scaling_policy_set.this["web"].scheduled_action : action.name => [action.schedule, action.timezone, action.min_capacity] } == { evening = ["cron(0 18 * * ? *)", "Europe/Berlin", 6] }
    error_message = "Schedules reach the set."
  }

  assert {
    condition     = switchyard_scaling_policy_set.this["web"].suspended.scale_in && switchyard_scaling_policy_set.this["web"].unmanaged == "adopt"
    error_message = "Scaling can be suspended, and what exists adopted."
  }

  assert {
    condition     = length(aws_iam_role_policy.task) == 1 && length(aws_iam_role_policy.exec) == 1
    error_message = "The service has its own rights, and those of ECS Exec."
  }
}

run "under_codedeploy_ecs_moves_nothing" {
  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }

        deployment = {
          controller = "codedeploy"
          codedeploy = {
            application      = "shop"
            deployment_group = "shop-web"
            hooks            = { AfterAllowTestTraffic = "arn:aws:lambda:eu-west-1:123456789012:function:check" }
          }
        }
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].load_balancer.role_arn == null && switchyard_blue_green_service.this["web"].load_balancer.test_listener_rule == null
    error_message = "ECS gets no right to move traffic that CodeDeploy moves."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].codedeploy.hooks.after_allow_test_traffic == "arn:aws:lambda:eu-west-1:123456789012:function:check"
    error_message = "The hook reaches the deployments of apply."
  }
}

run "under_external_the_apply_moves_both_rules" {
  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3", test_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/4/5" }

        deployment = {
          controller = "external"
          steps      = [{ percent = 1, hold = "5m" }, { percent = 100, hold = "10m" }]
        }

        gates = [{ name = "ready", when = ["before_traffic"], tcp = { host = "database.internal", port = 5432 } }]
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].controller == "external" && switchyard_blue_green_service.this["web"].deployment.strategy == "steps" && switchyard_blue_green_service.this["web"].deployment.step[0].percent == 1
    error_message = "Traffic moves by steps."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].load_balancer.role_arn == null && endswith(switchyard_blue_green_service.this["web"].load_balancer.test_listener_rule, "/5")
    error_message = "ECS gets no right to move traffic that the apply moves; the apply moves the test rule as well."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].gate[0].tcp.port == 5432
    error_message = "A gate may have any check."
  }
}

run "a_namespace_can_be_left_out" {
  variables {
    create_namespace = false
  }

  assert {
    condition     = output.namespace_arn == null
    error_message = "There is no namespace."
  }
}

run "nothing_is_created_with_create_false" {
  variables {
    create = false
  }

  assert {
    condition     = output.cluster_arn == null && output.services == {} && output.task_security_group_id == null && output.infrastructure_role_arn == null && output.namespace_arn == null
    error_message = "The module creates nothing."
  }
}
