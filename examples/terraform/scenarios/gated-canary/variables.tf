variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the service and prefix of everything around it."
  default     = "gated-canary"

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
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener; the machine that runs Terraform must be one of them."
  default     = ["10.0.0.0/8"]

  validation {
    condition     = alltrue([for block in var.tester_cidr_blocks : can(cidrhost(block, 0))])
    error_message = "Every element must be a range of addresses such as 10.0.0.0/8."
  }
}

variable "report_path" {
  type        = string
  description = "File for the report of each deployment, as JSON."
  default     = "deployments/last.json"
}
