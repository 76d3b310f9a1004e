# Ten percent of the calls for five minutes, then all of them for five minutes under watch.
resource "switchyard_blue_green_function" "checkout" {
  function_name    = var.function_name
  name             = "live"
  function_version = var.function_version

  strategy  = "canary"
  bake_time = "5m"
  alarms    = var.alarm_names

  canary {
    percent  = 10
    interval = "5m"
  }

  # The new version answers before anybody else calls it.
  gate {
    name = "answers"
    when = ["before_traffic"]

    invoke {
      payload = jsonencode({ test = true })
      json    = { "/status" = jsonencode("Succeeded") }
    }
  }

  # Of the calls that it gets, at most five percent fail.
  gate {
    name = "errors"
    when = ["step", "bake"]

    metric {
      predefined   = "error_percent"
      failure_when = "> 5"
      no_data      = "pass"
    }
  }
}

# What an integration of API Gateway calls.
output "uri" {
  value = switchyard_blue_green_function.checkout.invoke_arn
}

variable "function_name" {
  type        = string
  description = "Name of the function: `function_name` of its aws_lambda_function."
}

variable "function_version" {
  type        = string
  description = "The version that serves: `version` of its aws_lambda_function, with `publish = true`."
}

variable "alarm_names" {
  type    = set(string)
  default = null
}
