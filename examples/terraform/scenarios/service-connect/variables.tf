variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the cluster and prefix of everything around it."
  default     = "shop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,23}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 24 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "web_image" {
  type        = string
  description = "Image of the service that visitors see. A new one starts a deployment."
  default     = "shop:v1"
}

variable "orders_image" {
  type        = string
  description = "Image of the service behind it. A new one starts a deployment."
  default     = "orders:v1"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the host name, in ACM."
  default     = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-000000000000"
}
