# What a service can have besides: parts that are passed on as they are. Offline.

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

run "services_reach_each_other_by_name_with_service_connect" {
  variables {
    services = {
      web = {
        image                         = "shop:v1"
        service_connect_configuration = {}
      }
      orders = {
        image        = "orders:v1"
        port         = 9000
        app_protocol = "http"

        service_connect_configuration = {
          service = [{
            client_alias = [{ port = 80, dns_name = "orders", test_traffic_rules = { header = { name = "x-try", value = { exact = "1" } } } }]
            timeout      = { per_request_timeout_seconds = 5 }
            tls          = { issuer_cert_authority = { aws_pca_authority_arn = "arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/1" } }
          }]
          log_configuration        = { log_driver = "awslogs", options = { awslogs-group = "/proxy" }, secret_option = [{ name = "token", value_from = "arn:aws:ssm:eu-west-1:123456789012:parameter/token" }] }
          access_log_configuration = { format = "JSON" }
        }

        deployment = { strategy = "canary", canary = { percent = 10, interval = "5m" } }
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].service_connect_configuration.enabled && switchyard_blue_green_service.this["web"].service_connect_configuration.namespace == aws_service_discovery_private_dns_namespace.this[0].arn
    error_message = "A service that only reaches others is in the namespace of the cluster."
  }

  assert {
    condition     = keys(jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].portMappings[0]) == ["containerPort", "protocol"]
    error_message = "Its port needs no name."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["orders"].container_definitions)[0].portMappings == [{ containerPort = 9000, protocol = "tcp", name = "orders", appProtocol = "http" }]
    error_message = "A port that is offered has a name."
  }

  assert {
    condition     = switchyard_blue_green_service.this["orders"].service_connect_configuration.service[0].port_name == "orders" && switchyard_blue_green_service.this["orders"].service_connect_configuration.service[0].client_alias[0].dns_name == "orders" && switchyard_blue_green_service.this["orders"].service_connect_configuration.service[0].client_alias[0].test_traffic_rules.header.value.exact == "1"
    error_message = "Clients reach it by name, and a header leads to the new revision."
  }

  assert {
    condition     = switchyard_blue_green_service.this["orders"].service_connect_configuration.service[0].timeout.per_request_timeout_seconds == 5 && switchyard_blue_green_service.this["orders"].service_connect_configuration.access_log_configuration.format == "JSON" && switchyard_blue_green_service.this["orders"].service_connect_configuration.log_configuration.log_driver == "awslogs"
    error_message = "Timeouts and logs are passed on."
  }

  assert {
    condition     = switchyard_blue_green_service.this["orders"].service_connect_configuration.service[0].tls.role_arn == aws_iam_role.infrastructure[0].arn && contains(keys(aws_iam_role_policy_attachment.infrastructure), "service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity")
    error_message = "ECS manages the certificates with the infrastructure role."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.service_connect) == ["9000"] && keys(aws_vpc_security_group_egress_rule.service_connect) == ["9000"]
    error_message = "The tasks reach each other at the port that is offered, and no other."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.execution["orders"].policy).Statement : statement.Resource if statement.Sid == "ReadParameters"]) == ["arn:aws:ssm:eu-west-1:123456789012:parameter/token"]
    error_message = "The execution role may read what the proxy's log needs."
  }
}

run "a_service_has_an_ebs_volume_and_an_efs_volume" {
  variables {
    services = {
      web = {
        image        = "shop:v1"
        mount_points = { data = "/var/lib/data", shared = "/shared" }
        volumes      = { shared = { efs_volume_configuration = { file_system_id = "fs-1", authorization_config = { iam = "ENABLED" } } } }

        volume_configuration = {
          name               = "data"
          managed_ebs_volume = { size_in_gb = 20, volume_type = "gp3", throughput = 250, tag_specifications = [{ propagate_tags = "SERVICE", tags = { Team = "web" } }] }
        }
      }
    }
  }

  assert {
    condition     = { for volume in aws_ecs_task_definition.this["web"].volume : volume.name => volume.configure_at_launch if volume.name == "data" } == { data = true } && length(aws_ecs_task_definition.this["web"].volume) == 2
    error_message = "The task definition has both volumes; the one of EBS is configured at launch."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].mountPoints == [{ sourceVolume = "data", containerPath = "/var/lib/data", readOnly = false }, { sourceVolume = "shared", containerPath = "/shared", readOnly = false }]
    error_message = "The container has them at its paths."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].volume_configuration[0].managed_ebs_volume.size_in_gb == 20 && switchyard_blue_green_service.this["web"].volume_configuration[0].managed_ebs_volume.tag_specifications[0].resource_type == "volume"
    error_message = "Each task gets a volume."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].volume_configuration[0].managed_ebs_volume.role_arn == aws_iam_role.infrastructure[0].arn && contains(keys(aws_iam_role_policy_attachment.infrastructure), "service-role/AmazonECSInfrastructureRolePolicyForVolumes")
    error_message = "ECS makes volumes with the infrastructure role."
  }
}

run "a_rolling_service_has_several_target_groups" {
  variables {
    services = {
      web = {
        image                    = "shop:v1"
        load_balancer            = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"], health_check_port = 8081 }
        additional_load_balancer = [{ target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2", container_port = 9090 }]
        deployment               = { circuit_breaker = {} }

        scaling = {
          target_tracking = {
            requests = {
              metric            = "requests_per_target"
              target_value      = 500
              target_group_arn  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"
              load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1"
            }
          }
        }
      }
    }
  }

  assert {
    condition     = [for policy in switchyard_scaling_policy_set.this["web"].target_tracking : policy.target_group_arn if policy.name == "requests"] == ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1"]
    error_message = "With one target group it can follow the requests of a task."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].deployment.strategy == "rolling" && switchyard_blue_green_service.this["web"].load_balancer.role_arn == null && switchyard_blue_green_service.this["web"].load_balancer.production_listener_rule == null
    error_message = "With one target group tasks are replaced in place, and ECS moves no traffic."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].additional_load_balancer[0].container_name == "web" && switchyard_blue_green_service.this["web"].additional_load_balancer[0].container_port == 9090
    error_message = "Every task is registered in the second group too."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.load_balancer) == ["8080", "8081", "9090"]
    error_message = "The load balancers reach both ports and that of the health check."
  }
}

run "people_approve" {
  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        deployment = {
          strategy = "steps"
          steps    = [{ percent = 20, hold = "approval" }, { percent = 100, hold = "15m" }]
          approval = [{ stages = ["POST_SCALE_UP"], time_limit = "8h" }]
        }
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].deployment.approval[0].time_limit == "8h" && switchyard_blue_green_service.this["web"].deployment.step[0].hold == "approval"
    error_message = "A person approves before traffic moves, and at 20 percent."
  }
}

run "a_daemon_runs_on_instances_of_a_cluster_that_exists" {
  variables {
    create_cluster = false
    cluster_arn    = "arn:aws:ecs:eu-west-1:123456789012:cluster/machines"

    services = {
      agent = {
        image                    = "agent:v1"
        cpu                      = 100
        memory                   = 100
        launch_type              = "EC2"
        requires_compatibilities = ["EC2"]
        scheduling_strategy      = "DAEMON"
        placement_constraints    = [{ type = "memberOf", expression = "attribute:ecs.instance-type =~ m5.*" }]
      }
      web = {
        image                         = "shop:v1"
        requires_compatibilities      = ["EC2"]
        capacity_provider_strategy    = [{ capacity_provider = "large", weight = 1 }]
        ordered_placement_strategy    = [{ type = "spread", field = "attribute:ecs.availability-zone" }]
        availability_zone_rebalancing = "ENABLED"
        subnet_ids                    = ["subnet-9"]
        security_group_ids            = ["sg-9"]
      }
    }
  }

  assert {
    condition     = length(aws_ecs_cluster.this) == 0 && length(aws_ecs_cluster_capacity_providers.this) == 0 && output.namespace_arn == null && switchyard_blue_green_service.this["agent"].cluster == "arn:aws:ecs:eu-west-1:123456789012:cluster/machines" && output.cluster_name == "machines"
    error_message = "The cluster stays as it is."
  }

  assert {
    condition     = switchyard_blue_green_service.this["agent"].scheduling_strategy == "DAEMON" && switchyard_blue_green_service.this["agent"].launch_type == "EC2" && length(switchyard_blue_green_service.this["agent"].capacity_provider_strategy) == 0
    error_message = "The daemon runs on instances."
  }

  assert {
    condition     = keys(switchyard_scaling_policy_set.this) == ["web"]
    error_message = "A daemon is not scaled."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].capacity_provider_strategy[0].capacity_provider == "large" && switchyard_blue_green_service.this["web"].ordered_placement_strategy[0].type == "spread" && switchyard_blue_green_service.this["web"].availability_zone_rebalancing == "ENABLED"
    error_message = "Capacity and placement are the service's own."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].network_configuration.subnets == toset(["subnet-9"]) && contains(switchyard_blue_green_service.this["web"].network_configuration.security_groups, "sg-9")
    error_message = "So is its network."
  }
}

run "a_task_has_containers_beside_the_one_that_serves" {
  variables {
    services = {
      web = {
        image          = "shop:v2"
        container_name = "app"
        container_definitions = jsonencode([
          { name = "app", image = "shop:v1", entryPoint = ["/bin/app"], dependsOn = [{ containerName = "log-router", condition = "START" }], logConfiguration = { logDriver = "awsfirelens" } },
          { name = "log-router", image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fluent-bit:1", essential = true, firelensConfiguration = { type = "fluentbit" }, secrets = [{ name = "KEY", valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/key" }] },
        ])
      }
    }
  }

  assert {
    condition     = [for container in jsondecode(aws_ecs_task_definition.this["web"].container_definitions) : [container.name, container.image]] == [["app", "shop:v2"], ["log-router", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fluent-bit:1"]]
    error_message = "The image of the service is that of the setting; the others are as they are written."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].logConfiguration == { logDriver = "awsfirelens" } && jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].entryPoint == ["/bin/app"] && jsondecode(aws_ecs_task_definition.this["web"].container_definitions)[0].portMappings[0].containerPort == 8080
    error_message = "What is written of the container that serves replaces what the settings say, and the rest stays."
  }

  assert {
    condition     = { for statement in jsondecode(aws_iam_role_policy.execution["web"].policy).Statement : statement.Sid => statement.Resource if contains(["PullImage", "ReadParameters"], statement.Sid) } == { PullImage = ["arn:aws:ecr:eu-west-1:123456789012:repository/fluent-bit"], ReadParameters = ["arn:aws:ssm:eu-west-1:123456789012:parameter/key"] }
    error_message = "The execution role may do what the sidecar needs."
  }
}

run "roles_can_exist_and_be_limited" {
  variables {
    create_infrastructure_role = false
    infrastructure_role_arn    = "arn:aws:iam::123456789012:role/ecs"
    role_path                  = "/teams/shop/"
    permissions_boundary_arn   = "arn:aws:iam::123456789012:policy/limit"

    services = {
      web = {
        image                 = "shop:v1"
        create_execution_role = false
        execution_role_arn    = "arn:aws:iam::123456789012:role/execution"
        vpc_lattice_configurations = [{
          target_group_arn = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-1"
        }]
        service_registries = { registry_arn = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1" }
      }
    }
  }

  assert {
    condition     = length(aws_iam_role.execution) == 0 && length(aws_iam_role_policy.execution) == 0 && output.execution_role_arns["web"] == "arn:aws:iam::123456789012:role/execution"
    error_message = "The execution role is the one that exists."
  }

  assert {
    condition     = length(aws_iam_role.infrastructure) == 0 && length(aws_iam_role_policy_attachment.infrastructure) == 0 && switchyard_blue_green_service.this["web"].vpc_lattice_configurations[0].role_arn == "arn:aws:iam::123456789012:role/ecs" && switchyard_blue_green_service.this["web"].vpc_lattice_configurations[0].port_name == "web"
    error_message = "So is the infrastructure role, and VPC Lattice finds the port."
  }

  assert {
    condition     = aws_iam_role.task["web"].path == "/teams/shop/" && aws_iam_role.task["web"].permissions_boundary == "arn:aws:iam::123456789012:policy/limit"
    error_message = "Roles that are made have the path and the boundary."
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].service_registries.registry_arn == "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"
    error_message = "The service is registered."
  }
}

run "aws_can_choose_the_end_of_names" {
  variables {
    iam_role_use_name_prefix       = true
    security_group_use_name_prefix = true
  }

  assert {
    condition     = aws_iam_role.execution["web"].name_prefix == "shop-web-execution-" && aws_iam_role.infrastructure[0].name_prefix == "shop-infrastructure-" && aws_security_group.tasks[0].name_prefix == "shop-tasks-"
    error_message = "Stacks of one name in two regions do not collide."
  }
}

run "a_service_is_reached_by_those_that_it_names" {
  variables {
    egress_cidr_blocks = ["10.0.0.0/16"]

    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
      }
      orders = {
        image                 = "orders:v1"
        port                  = 9000
        app_protocol          = "http"
        create_security_group = true
        allowed_services      = ["web"]

        service_connect_configuration = { service = [{ client_alias = [{ port = 80, dns_name = "orders" }] }] }
      }
      ledger = {
        image                 = "ledger:v1"
        port                  = 7000
        create_security_group = true
        allowed_services      = ["orders"]
        security_group_ids    = ["sg-9"]
      }
      admin = {
        image                 = "admin:v1"
        create_security_group = true
        load_balancer         = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/c/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/d/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/4", health_check_port = 8081 }
      }
    }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.segment_calls) == ["orders ledger 7000", "web orders 9000"] && keys(aws_vpc_security_group_egress_rule.segment_calls) == ["orders ledger 7000", "web orders 9000"]
    error_message = "One way in for each caller, and the same way out."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.segment_calls["web orders 9000"].referenced_security_group_id == aws_security_group.tasks[0].id && aws_vpc_security_group_ingress_rule.segment_calls["orders ledger 7000"].referenced_security_group_id == aws_security_group.segment["orders"].id
    error_message = "A caller is known by its security group."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.segment_load_balancer) == ["admin 8080", "admin 8081"] && keys(aws_vpc_security_group_ingress_rule.load_balancer) == ["8080"] && length(aws_vpc_security_group_ingress_rule.service_connect) == 0
    error_message = "Load balancers reach each service in its own group, and the shared one is no wider for it."
  }

  assert {
    condition     = switchyard_blue_green_service.this["ledger"].network_configuration.security_groups == toset([aws_security_group.segment["ledger"].id, "sg-9"]) && switchyard_blue_green_service.this["web"].network_configuration.security_groups == toset([aws_security_group.tasks[0].id])
    error_message = "Tasks have the group of their service, or the shared one."
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.segment) == ["admin 10.0.0.0/16", "ledger 10.0.0.0/16", "orders 10.0.0.0/16"] && output.security_group_ids["ledger"] == aws_security_group.segment["ledger"].id
    error_message = "Each has the way out, and a database can be opened to one of them."
  }
}

run "a_service_has_several_pairs" {
  variables {
    services = {
      web = {
        image         = "shop:v1"
        load_balancer = { target_group_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
        additional_load_balancer = [{
          target_group_arn           = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/c/3"
          alternate_target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/d/4"
          production_rule_arn        = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/inner/1/2/3"
        }]
      }
    }
  }

  assert {
    condition     = switchyard_blue_green_service.this["web"].additional_load_balancer[0].alternate_target_group_arn == "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/d/4" && switchyard_blue_green_service.this["web"].additional_load_balancer[0].role_arn == switchyard_blue_green_service.this["web"].load_balancer.role_arn
    error_message = "The traffic of the second pair moves with that of the first, with the same role."
  }
}
