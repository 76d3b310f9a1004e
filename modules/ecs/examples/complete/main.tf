# Three services behind one load balancer that exists: one moved by ECS as a canary with gates, with logs and traces through
# containers next to it; one by CodeDeploy, in a security group of its own; one by the apply itself, from 1 percent on.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
    switchyard = {
      source  = "switchyard/switchyard"
      version = ">= 0.1"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "switchyard" {
  region = "eu-west-1"
}

module "ecs" {
  source = "../.."

  name                            = "shop"
  vpc_id                          = var.vpc_id
  subnet_ids                      = var.subnet_ids
  load_balancer_security_group_id = var.load_balancer.security_group_id
  container_insights              = "enhanced"
  fargate_spot_percent            = 70
  on_demand_base                  = 2
  log_retention_days              = 90
  tags                            = { Environment = "production" }

  services = {
    web = {
      image         = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v1"
      cpu           = 512
      memory        = 1024
      min_capacity  = 3
      max_capacity  = 15
      load_balancer = var.load_balancer.services["web"]
      environment   = { STAGE = "production", OTEL_EXPORTER_OTLP_ENDPOINT = "http://localhost:4317" }

      # Logs go through FireLens, and traces through AWS's collector for OpenTelemetry to X-Ray.
      container_definitions = jsonencode([
        {
          name      = "web"
          dependsOn = [{ containerName = "log-router", condition = "START" }]
          logConfiguration = {
            logDriver = "awsfirelens"
            options   = { Name = "cloudwatch_logs", region = "eu-west-1", log_group_name = "/ecs/shop/web", log_stream_prefix = "web-" }
          }
        },
        {
          name                  = "log-router"
          image                 = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable"
          essential             = true
          memoryReservation     = 64
          firelensConfiguration = { type = "fluentbit", options = { enable-ecs-log-metadata = "true" } }
        },
        {
          name      = "tracing"
          image     = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.0"
          essential = false
          command   = ["--config=/etc/ecs/ecs-default-config.yaml"]
        },
      ])

      task_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          { Effect = "Allow", Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"], Resource = "*" },
          { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:eu-west-1:*:log-group:/ecs/shop/web:*" },
        ]
      })

      # More tasks before the evening's visitors come; the cart service asks for more at once.
      scaling = {
        cpu_target = 60

        scheduled_actions = {
          evening = { schedule = "cron(30 17 * * ? *)", timezone = "Europe/Berlin", min_capacity = 6 }
          night   = { schedule = "cron(0 23 * * ? *)", timezone = "Europe/Berlin", min_capacity = 3 }
        }

        step = {
          carts = {
            step_adjustments = [
              { metric_interval_lower_bound = 0, metric_interval_upper_bound = 50, scaling_adjustment = 1 },
              { metric_interval_lower_bound = 50, scaling_adjustment = 3 },
            ]
            alarm = { metric = { namespace = "Shop", metric_name = "WaitingCarts" }, evaluation_periods = 2, comparison = ">=", threshold = 100 }
          }
        }
      }

      # References, never values.
      secrets = { DB_PASSWORD = var.database_secret_arn }

      health_check = {
        command      = ["CMD-SHELL", "curl -f http://localhost:8080/health || exit 1"]
        start_period = 30
      }

      deployment = {
        strategy    = "canary"
        canary      = { percent = 10, interval = "5m" }
        bake_time   = "5m"
        autoscaling = "suspend_scale_in"
      }

      gates = [
        {
          name = "ready"
          when = ["before_traffic"]
          http = { target = "new_targets", path = "/ready" }
        },
        {
          name   = "errors"
          when   = ["step", "bake"]
          metric = { predefined = "target_5xx_percent", success_when = "<= 1", minimum_requests = 20, no_data = "pass" }
        },
      ]
    }

    orders = {
      image         = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:v1"
      load_balancer = var.load_balancer.services["orders"]

      # Only the load balancer and the tasks of web reach it.
      create_security_group = true
      allowed_services      = ["web"]

      # One task more after two minutes of much work, and one less only after five of little.
      scaling = {
        cpu_target = 0

        step = {
          more = {
            cooldown         = "1m"
            step_adjustments = [{ metric_interval_lower_bound = 0, scaling_adjustment = 1 }]
            alarm            = { metric = { namespace = "AWS/ECS", metric_name = "CPUUtilization", dimensions = { ClusterName = "shop", ServiceName = "orders" } }, evaluation_periods = 2, comparison = ">", threshold = 70 }
          }
          less = {
            cooldown         = "5m"
            step_adjustments = [{ metric_interval_upper_bound = 0, scaling_adjustment = -1 }]
            alarm            = { metric = { namespace = "AWS/ECS", metric_name = "CPUUtilization", dimensions = { ClusterName = "shop", ServiceName = "orders" } }, evaluation_periods = 5, comparison = "<", threshold = 50 }
          }
        }
      }

      # Names, not references: the deployment group refers to the service and is created after it.
      deployment = {
        controller = "codedeploy"
        codedeploy = { application = "shop", deployment_group = "shop-orders" }
      }
    }

    search = {
      image         = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/search:v1"
      load_balancer = var.load_balancer.services["search"]

      # Weights that ECS does not reach by itself: the apply moves the rule.
      deployment = {
        controller = "external"

        steps = [
          { percent = 1, hold = "2m" },
          { percent = 7, hold = "2m" },
          { percent = 100, hold = "2m" },
        ]
      }

      gates = [
        {
          name   = "errors"
          when   = ["step", "bake"]
          metric = { predefined = "target_5xx_percent", success_when = "<= 1", no_data = "pass" }
        },
      ]
    }
  }
}

module "codedeploy" {
  source = "../../../codedeploy"

  name         = "shop"
  cluster_name = module.ecs.cluster_name

  pass_role_arns = [
    module.ecs.execution_role_arns["orders"],
    module.ecs.task_role_arns["orders"],
  ]

  services = {
    orders = {
      service_name            = module.ecs.services["orders"].name
      target_group_names      = var.load_balancer.services["orders"].target_group_names
      production_listener_arn = var.load_balancer.https_listener_arn
      test_listener_arn       = var.load_balancer.test_listener_arn
    }
  }
}
