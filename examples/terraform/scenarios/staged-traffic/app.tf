locals {
  # Traffic that moves in steps is watched; all at once there is no time to roll back.
  watched = length(var.traffic_steps) > 0

  smoke_test = {
    name = "smoke"
    when = ["before_traffic"]
    http = { target = "test_listener", path = var.smoke_path }
  }

  # Only the new version counts: responses of the other side do not dilute the numbers.
  watch = {
    errors  = { predefined = "target_5xx_percent", success_when = "<= 1", minimum_requests = 20, no_data = "pass" }
    latency = { predefined = "target_response_time_p95", success_when = "<= 2", minimum_requests = 20, no_data = "pass" }
  }
}

module "ecs" {
  source = "../../../../modules/ecs"

  name                            = local.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = slice(module.vpc.app_subnet_ids, 0, var.zones)
  load_balancer_security_group_id = module.alb.security_group_id
  fargate_spot_percent            = var.fargate_spot_percent
  on_demand_base                  = var.fargate_spot_percent == 100 ? 0 : 1

  services = {
    app = {
      image         = local.image
      user          = "10001"
      environment   = merge(module.database.environment, module.cache.environment)
      secrets       = merge(module.database.secrets, var.secrets)
      min_capacity  = var.min_capacity
      max_capacity  = var.max_capacity
      load_balancer = module.alb.services["app"]

      deployment = {
        strategy = local.watched ? "steps" : "all_at_once"
        steps    = local.watched ? var.traffic_steps : null
        alarms   = [for alarm in aws_cloudwatch_metric_alarm.users : alarm.alarm_name]
      }

      gates = concat(
        [local.smoke_test],
        [for name, metric in local.watch : { name = name, when = ["step", "bake"], metric = metric } if local.watched],
      )

      # What a pipeline reports afterwards.
      report_path = "deployments/${var.environment}.json"
    }
  }

  tags = { Environment = var.environment }
}
