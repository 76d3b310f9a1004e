module "registry" {
  source = "../../../../modules/registry"

  repository_names = ["${var.name}/api"]
}

locals {
  # Before users reach it: it and its API must respond, and it must reach the database, the cache and the buckets.
  before_traffic = [
    { name = "smoke", class = "smoke", area = "basic", path = "/" },
    { name = "api", class = "api", area = "business", path = "/api/v1/cases" },
    { name = "dependencies", class = "integration", area = "basic", path = "/health/ready" },
  ]

  # With 10 percent of the traffic, and with all of it. With too few requests it is not measured and earns no points.
  watched = [
    { name = "errors", area = "basic", predefined = "target_5xx_percent", success_when = "<= 5" },
    { name = "latency", area = "performance", predefined = "target_response_time_p95", success_when = "<= 2" },
  ]
}

module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id
  container_insights              = "enhanced"

  services = {
    api = {
      image         = var.image
      user          = "10001"
      min_capacity  = var.capacity.min
      max_capacity  = var.capacity.max
      load_balancer = module.alb.services["api"]
      environment   = merge(module.database.environment, module.cache.environment)
      secrets       = module.database.secrets

      # The tasks log in to the cache as themselves.
      task_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect   = "Allow"
          Action   = "elasticache:Connect"
          Resource = module.cache.connect_resources["api"]
        }]
      })

      deployment = {
        strategy           = "canary"
        canary             = { percent = 10, interval = "5m" }
        bake_time          = "5m"
        recovery_objective = "5m"
        alarms             = module.monitoring.critical_alarm_names["api"]
      }

      gates = concat(
        [for gate in local.before_traffic : {
          name  = gate.name
          class = gate.class
          area  = gate.area
          when  = ["before_traffic"]
          http  = { target = "test_listener", path = gate.path }
        }],
        [for gate in local.watched : {
          name   = gate.name
          class  = "performance"
          area   = gate.area
          when   = ["step", "bake"]
          metric = { predefined = gate.predefined, success_when = gate.success_when, minimum_requests = 20, no_data = "pass" }
        }],
      )

      # At least 70 of 100 points, and nine in ten gates.
      health_score = { minimum = 70, pass_rate = 90 }

      # What was live before and after each release: ten of them, for thirty days.
      snapshots = {
        folder    = var.snapshot_bucket == null ? "switchyard-snapshots" : null
        bucket    = var.snapshot_bucket == null ? null : { name = var.snapshot_bucket, prefix = "${var.name}/" }
        before    = true
        after     = true
        retention = { count = 10, max_age = "30d" }
      }

      report_path = "deployments/last.json"
    }
  }
}
