variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the cluster and prefix of everything around it."
  default     = "auto-shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 20 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Container image of the backend. A new one starts a deployment."
  default     = "shop:v1"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the shop's host name, in ACM."
  default     = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-000000000000"
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener."
  default     = ["10.0.0.0/8"]
}

variable "alert_email" {
  type        = string
  description = "Address that is notified of alarms and failed deployments; none by default."
  default     = null
}

variable "hooks" {
  type        = map(string)
  description = "Lambda functions by CodeDeploy's event, such as BeforeAllowTraffic for a check before the traffic moves and AfterAllowTraffic for one after it."
  default     = {}
}

variable "limits" {
  type = object({
    min_capacity      = optional(number, 1)
    max_capacity      = optional(number, 10)
    cpu_target        = optional(number, 70)
    memory_target     = optional(number, 80)
    busy_percent      = optional(number, 80)
    errors_per_minute = optional(number, 10)
  })
  description = "Minimum and maximum number of tasks, the load in percent that scaling aims at, and the thresholds of the alarms that roll a deployment back."
  default     = {}
}
