locals {
  application      = var.name
  deployment_group = "${var.name}-backend"
}

module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id

  services = {
    backend = {
      image         = var.image
      cpu           = 256
      memory        = 512
      min_capacity  = var.limits.min_capacity
      max_capacity  = var.limits.max_capacity
      load_balancer = module.alb.services["backend"]

      scaling = {
        cpu_target         = var.limits.cpu_target
        memory_target      = var.limits.memory_target
        scale_out_cooldown = "1m"
        scale_in_cooldown  = "5m"
      }

      # All traffic at once, when the new side is healthy. Names, not references: the group is created after the service.
      deployment = {
        controller = "codedeploy"
        strategy   = "all_at_once"
        codedeploy = { application = local.application, deployment_group = local.deployment_group, hooks = var.hooks }
      }
    }
  }
}

module "codedeploy" {
  source = "../../../../modules/codedeploy"

  name         = local.application
  cluster_name = module.ecs.cluster_name

  pass_role_arns = concat(values(module.ecs.execution_role_arns), values(module.ecs.task_role_arns))
  triggers       = { for topic in aws_sns_topic.alerts : "alerts" => { topic_arn = topic.arn, events = ["DeploymentFailure", "DeploymentRollback"] } }

  services = {
    backend = {
      service_name            = module.ecs.services["backend"].name
      target_group_names      = module.alb.services["backend"].target_group_names
      production_listener_arn = module.alb.https_listener_arn
      test_listener_arn       = module.alb.test_listener_arn
      alarms                  = concat([for alarm in aws_cloudwatch_metric_alarm.busy : alarm.alarm_name], [aws_cloudwatch_metric_alarm.errors.alarm_name])
      hooks                   = var.hooks

      # CodeDeploy has no ECSAllAtOnceBlueGreen: every deployment of ECS is blue/green, and this does the same.
      deployment_config = "CodeDeployDefault.ECSAllAtOnce"

      # CodeDeploy has no circuit breaker: these events roll the deployment back instead.
      rollback_on = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]

      # The old tasks stay for five minutes, within which a rollback is immediate.
      termination_minutes = 5
    }
  }
}

