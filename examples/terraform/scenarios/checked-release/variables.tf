variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the service and prefix of everything around it."
  default     = "cases"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 20 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Container image, built for linux/amd64. A new one starts a deployment."
  default     = "cases:v1"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the service's host name, in ACM."
  default     = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-000000000000"
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener; the machine that runs Terraform must be one of them."
  default     = ["10.0.0.0/8"]
}

variable "capacity" {
  type = object({
    min = number
    max = number
  })
  description = "Minimum and maximum number of tasks. In an emergency raise the minimum: it takes effect at once, without a deployment."
  default     = { min = 2, max = 10 }
}

variable "snapshot_bucket" {
  type        = string
  description = "Bucket for snapshots, versioned and encrypted. Null keeps them in the folder switchyard-snapshots."
  default     = null
}
