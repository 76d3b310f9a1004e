variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the cluster and prefix of everything around it."
  default     = "broker"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,22}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 23 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Image of the broker. A new one starts a deployment."
  default     = "broker:v1"
}
