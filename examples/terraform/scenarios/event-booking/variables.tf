variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the cluster and prefix of everything around it."
  default     = "event-booking"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,16}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 17 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "images" {
  type = object({
    auth         = optional(string, "auth-service:v1.0.0")
    event        = optional(string, "event-service:v1.0.0")
    ticket       = optional(string, "ticket-service:v1.0.0")
    payment      = optional(string, "payment-service:v1.0.0")
    notification = optional(string, "notification-service:v1.0.0")
  })
  description = "Container image of each service. A new one deploys that service, and no other."
  default     = {}

  validation {
    condition     = !anytrue([for image in values(var.images) : endswith(image, ":latest")])
    error_message = "Name a version or a digest instead of latest: the name stays the same when the image changes, so nothing would be deployed, and there would be no version to return to."
  }
}

variable "secrets" {
  type        = map(map(string))
  description = "Secrets of each service, by environment variable: ARNs in Secrets Manager, never values."
  default     = {}

  validation {
    condition     = alltrue([for service in keys(var.secrets) : contains(["auth", "event", "ticket", "payment", "notification"], service)])
    error_message = "The services are auth, event, ticket, payment and notification."
  }
}

variable "host_name" {
  type        = string
  description = "Host name of the API. It must point to the load balancer, and the certificate must be for it."
  default     = "api.booking.example.com"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the host name, in ACM."
  default     = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-000000000000"
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener: those of the machine that runs Terraform, for the smoke tests."
  default     = ["10.0.0.0/8"]
}

variable "fargate_spot_percent" {
  type        = number
  description = "Share of the tasks that run on Fargate Spot, in percent. Choose it before the first apply: CodeDeploy cannot change it."
  default     = 0
}

variable "alert_emails" {
  type        = map(list(string))
  description = "Addresses that are notified, by severity: critical and warning for alarms, info for completed deployments."
  default     = {}
}
