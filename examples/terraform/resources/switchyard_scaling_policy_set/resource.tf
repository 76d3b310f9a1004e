resource "switchyard_scaling_policy_set" "checkout" {
  cluster      = "main"
  service      = "checkout"
  min_capacity = 2
  max_capacity = 10

  target_tracking {
    name               = "cpu"
    metric             = "cpu"
    target_value       = 70
    scale_out_cooldown = "1m"
  }

  target_tracking {
    name         = "queue"
    target_value = 10

    queue_backlog {
      queue_name = "jobs"
    }
  }

  step {
    name = "burst"

    step_adjustment {
      metric_interval_lower_bound = 0
      metric_interval_upper_bound = 20
      scaling_adjustment          = 2
    }

    step_adjustment {
      metric_interval_lower_bound = 20
      scaling_adjustment          = 5
    }

    alarm {
      evaluation_periods = 2
      comparison         = ">="
      threshold          = 80

      metric {
        namespace   = "Shop"
        metric_name = "WaitingCarts"
      }
    }
  }

  # Observe the forecasts for some days, then let the policy act.
  predictive {
    name         = "daily"
    mode         = "ForecastOnly"
    metric       = "cpu"
    target_value = 60
  }

  scheduled_action {
    name         = "night"
    schedule     = "cron(0 20 * * ? *)"
    timezone     = "Europe/Berlin"
    min_capacity = 1
    max_capacity = 2
  }

  scheduled_action {
    name         = "morning"
    schedule     = "cron(0 6 * * ? *)"
    timezone     = "Europe/Berlin"
    min_capacity = 2
    max_capacity = 10
  }
}
