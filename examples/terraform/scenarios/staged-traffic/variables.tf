variable "environment" {
  type        = string
  description = "Which environment this is. The workspace must have the same name."

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment must be dev, staging or prod."
  }

  validation {
    condition     = terraform.workspace == var.environment
    error_message = "These are the settings of \"${var.environment}\", and the workspace is \"${terraform.workspace}\": applying them would turn one environment into another. Run `terraform workspace select -or-create ${var.environment}` first."
  }
}

variable "account_id" {
  type        = string
  description = "AWS account of the environment. Any other is refused."
}

variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of the application. All names are NAME-ENVIRONMENT."
  default     = "accounts"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,11}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 12 lowercase letters, digits and hyphens, because names of target groups are made from it and are limited to 32 characters."
  }
}

variable "image" {
  type        = string
  description = "Container image. A new one starts a deployment. The same image goes through all environments."
}

variable "secrets" {
  type        = map(string)
  description = "Secrets of the application by environment variable: ARNs, never values."
  default     = {}
}

# --- Size ---

variable "cidr_block" {
  type        = string
  description = "IPv4 range of the environment's network; ranges that do not overlap can be connected later."
}

variable "zones" {
  type        = number
  description = "Zones in which tasks run, 1 to 3."

  validation {
    condition     = contains([1, 2, 3], var.zones)
    error_message = "Tasks run in one, two or three zones."
  }
}

variable "nat_gateways" {
  type        = string
  description = "How tasks reach the internet: one NAT gateway (\"one\"), or one in each zone (\"per_zone\")."
}

variable "min_capacity" {
  type        = number
  description = "Minimum number of tasks."
}

variable "max_capacity" {
  type        = number
  description = "Maximum number of tasks."
}

variable "fargate_spot_percent" {
  type        = number
  description = "Share of tasks on Fargate Spot, which AWS may stop at two minutes' notice."
  default     = 0
}

# --- Data ---

variable "data" {
  type = object({
    instance_class  = string
    cache_node_type = string
    standby         = bool
  })
  description = "Database and cache of the environment, with backups and a firewall in front: their sizes, and whether each has a standby in a second zone. Null means none of them."
  default     = null
}

variable "migrations_image" {
  type        = string
  description = "Image that migrates the database, once before each new version. Null means none."
  default     = null
}

variable "protected" {
  type        = bool
  description = "Whether AWS refuses to delete the database, and keeps a last snapshot of it. Set it to false in the apply before a destroy."
  default     = true
}

# --- Deployments ---

variable "certificate_arn" {
  type        = string
  description = "Certificate of the application's host name in this environment, in ACM."
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener. The machine that runs Terraform must be one of them, because the smoke test goes there."
  default     = ["10.0.0.0/8"]
}

variable "smoke_path" {
  type        = string
  description = "Path that the smoke test requests from the new version before users do."
  default     = "/"
}

variable "traffic_steps" {
  type = list(object({
    percent = number
    hold    = string
  }))
  description = "Shares of the traffic that a new version gets, and how long it is watched at each. Without any, it gets all traffic at once when the smoke test has passed, and is not watched."
  default     = []
}
