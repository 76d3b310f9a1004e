resource "switchyard_scaling_policy_set" "checkout" {
  cluster      = "main"
  service      = "checkout"
  min_capacity = 2
  max_capacity = 10

  target_tracking = {
    cpu = {
      metric             = "cpu"
      target             = 70
      scale_out_cooldown = "1m"
    }
    queue = {
      queue_backlog = { queue_name = "jobs" }
      target        = 10
    }
  }

  step = {
    burst = {
      steps = [
        { lower = 0, upper = 20, adjustment = 2 },
        { lower = 20, adjustment = 5 },
      ]
      alarm = {
        metric             = { namespace = "Shop", name = "WaitingCarts" }
        evaluation_periods = 2
        comparison         = ">="
        threshold          = 80
      }
    }
  }

  # Observe the forecasts for some days, then let the policy act.
  predictive = {
    daily = {
      mode   = "ForecastOnly"
      metric = "cpu"
      target = 60
    }
  }

  schedules = {
    night = {
      schedule     = "cron(0 20 * * ? *)"
      timezone     = "Europe/Berlin"
      min_capacity = 1
      max_capacity = 2
    }
    morning = {
      schedule     = "cron(0 6 * * ? *)"
      timezone     = "Europe/Berlin"
      min_capacity = 2
      max_capacity = 10
    }
  }
}
