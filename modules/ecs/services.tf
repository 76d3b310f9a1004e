resource "aws_ecs_task_definition" "this" {
  for_each = var.services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.execution[each.key].arn
  task_role_arn            = aws_iam_role.task[each.key].arn
  tags                     = var.tags

  # A rollback needs the old revision, so Terraform must not deregister it.
  skip_destroy = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.cpu_architecture
  }

  # Settings that are not there are left out, because ECS does not give nulls back.
  container_definitions = jsonencode([{
    for key, value in {
      name                   = each.key
      image                  = each.value.image
      essential              = true
      portMappings           = [{ containerPort = each.value.port, protocol = "tcp" }]
      command                = each.value.command
      user                   = each.value.user
      readonlyRootFilesystem = each.value.readonly_root_filesystem ? true : null
      environment            = [for name, text in each.value.environment : { name = name, value = text }]
      secrets                = [for name, reference in each.value.secrets : { name = name, valueFrom = reference }]
      healthCheck = each.value.health_check == null ? null : {
        command     = each.value.health_check.command
        interval    = each.value.health_check.interval
        timeout     = each.value.health_check.timeout
        retries     = each.value.health_check.retries
        startPeriod = each.value.health_check.start_period
      }
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.this[each.key].name
          awslogs-region        = local.region
          awslogs-stream-prefix = each.key
        }
      }
    } : key => value if value != null
  }])
}

resource "switchyard_blue_green_service" "this" {
  for_each = var.services

  name                       = each.key
  cluster                    = aws_ecs_cluster.this.arn
  task_definition            = aws_ecs_task_definition.this[each.key].arn
  controller                 = each.value.deployment.controller
  capacity_provider_strategy = local.capacity
  health_check_grace_period  = each.value.health_check_grace_period
  enable_execute_command     = each.value.enable_execute_command
  enable_ecs_managed_tags    = true
  propagate_tags             = "SERVICE"
  report_path                = each.value.report_path
  tags                       = var.tags

  # Only the number to start with: Application Auto Scaling decides from then on.
  desired_count       = coalesce(each.value.desired_count, each.value.min_capacity)
  desired_count_owner = "autoscaler"

  network_configuration = {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = var.assign_public_ip
  }

  # Under CodeDeploy the rule only says where the first tasks start, and ECS moves nothing.
  load_balancer = each.value.load_balancer == null ? null : {
    container_name           = each.key
    container_port           = each.value.port
    target_groups            = each.value.load_balancer.target_group_arns
    production_listener_rule = each.value.load_balancer.production_rule_arn
    test_listener_rule       = each.value.deployment.controller == "ecs" ? each.value.load_balancer.test_rule_arn : null
    role_arn                 = each.value.deployment.controller == "ecs" ? aws_iam_role.infrastructure.arn : null
  }

  deployment = {
    strategy          = coalesce(each.value.deployment.strategy, each.value.load_balancer == null ? "rolling" : "all_at_once")
    canary            = each.value.deployment.canary
    linear            = each.value.deployment.linear
    steps             = each.value.deployment.steps
    bake_time         = each.value.deployment.bake_time
    autoscaling       = each.value.deployment.autoscaling
    rollback_strategy = each.value.deployment.rollback_strategy
    circuit_breaker   = each.value.deployment.circuit_breaker
    alarms            = length(each.value.deployment.alarms) > 0 ? { names = each.value.deployment.alarms } : null
  }

  codedeploy = each.value.deployment.codedeploy == null ? null : {
    application       = each.value.deployment.codedeploy.application
    deployment_group  = each.value.deployment.codedeploy.deployment_group
    deployment_config = each.value.deployment.codedeploy.deployment_config
    hooks = each.value.deployment.codedeploy.hooks == null ? null : {
      before_install           = lookup(each.value.deployment.codedeploy.hooks, "BeforeInstall", null)
      after_install            = lookup(each.value.deployment.codedeploy.hooks, "AfterInstall", null)
      after_allow_test_traffic = lookup(each.value.deployment.codedeploy.hooks, "AfterAllowTestTraffic", null)
      before_allow_traffic     = lookup(each.value.deployment.codedeploy.hooks, "BeforeAllowTraffic", null)
      after_allow_traffic      = lookup(each.value.deployment.codedeploy.hooks, "AfterAllowTraffic", null)
    }
  }

  gate = each.value.gates

  # Needed while tasks run, and not referred to above: the rights to start them and to move traffic, the ways in and
  # out, and the capacity.
  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_iam_role_policy.exec,
    aws_iam_role_policy_attachment.infrastructure,
    aws_vpc_security_group_ingress_rule.load_balancer,
    aws_vpc_security_group_egress_rule.tasks,
  ]
}
