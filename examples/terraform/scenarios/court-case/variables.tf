variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the system and prefix of everything in it."
  default     = "court-case"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 20 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Container image of the API, built for linux/amd64. A new one starts a deployment."
  default     = "cases:v1"
}

variable "domain" {
  type        = string
  description = "Domain of the system, for which a hosted zone and a certificate are created. The API is at cases.DOMAIN."
  default     = "court.example.com"
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

variable "pager_url" {
  type        = string
  description = "Integration URL of the pager that hears of critical alarms. Null means none."
  default     = null
}

variable "snapshot_bucket" {
  type        = string
  description = "Bucket for snapshots of what is live, versioned and encrypted. Null keeps them in the folder switchyard-snapshots."
  default     = null
}

variable "protected" {
  type        = bool
  description = "Whether AWS refuses to delete the database, and keeps a last snapshot of it. Set it to false in the apply before a destroy."
  default     = true
}
