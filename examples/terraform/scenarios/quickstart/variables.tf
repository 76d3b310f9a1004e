variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the service and prefix of everything around it."
  default     = "quickstart"

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
