variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the cluster and prefix of everything around it."
  default     = "catalogue"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,17}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 18 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Image that the pipeline has built, preferably with its digest. A new one starts a deployment."
  default     = "catalogue:v1"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the host name, in ACM."
  default     = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-000000000000"
}

variable "report_path" {
  type        = string
  description = "File for the report of the last deployment, which the pipeline keeps."
  default     = "deployment.json"
}

variable "freeze_dates" {
  type        = list(string)
  description = "Days without deployments, such as 2026-12-24 or 2026-12-21/2026-12-26."
  default     = []
}
