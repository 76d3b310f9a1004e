variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the service and prefix of everything around it."
  default     = "codedeploy"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,20}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 21 lowercase letters, digits and hyphens, because target group names are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Container image with its tag. A new one starts a deployment."
  default     = "shop:v1"
}

variable "desired_count" {
  type        = number
  description = "Number of tasks."
  default     = 2

  validation {
    condition     = var.desired_count >= 1 && floor(var.desired_count) == var.desired_count
    error_message = "The number of tasks must be a whole number, and at least 1, because a deployment without tasks proves nothing."
  }
}

variable "termination_wait_minutes" {
  type        = number
  description = "Minutes the old side keeps running after all traffic has moved; apply waits for them; more than 20 need timeouts.update in the service. Within them a rollback is immediate."
  default     = 5

  validation {
    condition     = var.termination_wait_minutes >= 0 && var.termination_wait_minutes <= 2880 && floor(var.termination_wait_minutes) == var.termination_wait_minutes
    error_message = "CodeDeploy takes whole minutes from 0 to 2880, which is two days."
  }
}

variable "on_cancel" {
  type        = string
  description = "What happens to a running deployment when the apply is interrupted."
  default     = "rollback"

  validation {
    condition     = contains(["rollback", "leave"], var.on_cancel)
    error_message = "Either rollback (stop the deployment and return traffic) or leave (let it continue)."
  }
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener."
  default     = ["10.0.0.0/8"]

  validation {
    condition     = alltrue([for block in var.tester_cidr_blocks : can(cidrhost(block, 0))])
    error_message = "Every element must be a range of addresses such as 10.0.0.0/8."
  }
}
