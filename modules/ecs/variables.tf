variable "name" {
  type        = string
  description = "Name of the cluster, and prefix of everything around it."

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,30}$", var.name))
    error_message = "The name must start with a letter and have at most 31 letters, digits and hyphens, because names of roles are made from it and from the services' names, and are limited to 64 characters."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "create_cluster" {
  type        = bool
  description = "Create the cluster; with `false` the services run in `cluster_arn`, whose settings stay as they are."
  default     = true
}

variable "cluster_arn" {
  type        = string
  description = "ARN of the cluster that exists, with `create_cluster = false`. Services on Fargate need its capacity providers `FARGATE` and, for a share of it, `FARGATE_SPOT`."
  default     = null

  validation {
    condition     = var.create_cluster ? var.cluster_arn == null : can(regex("^arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/", var.cluster_arn))
    error_message = "A cluster that exists needs both: create_cluster = false, and cluster_arn with its ARN."
  }
}

variable "create_infrastructure_role" {
  type        = bool
  description = "Create the role with which ECS moves traffic and makes volumes; with `false` it is `infrastructure_role_arn`."
  default     = true
}

variable "infrastructure_role_arn" {
  type        = string
  description = "ARN of the role that exists, with `create_infrastructure_role = false`."
  default     = null

  validation {
    condition     = !var.create_infrastructure_role || var.infrastructure_role_arn == null
    error_message = "For a role that exists, set both: create_infrastructure_role = false, and infrastructure_role_arn."
  }
}

variable "iam_role_use_name_prefix" {
  type        = bool
  description = "Let IAM choose the end of the names of roles, so that two stacks of one name, such as in two regions, do not collide."
  default     = false

  validation {
    condition     = !var.iam_role_use_name_prefix || length(var.name) <= 22 && alltrue([for name in try(keys(var.services), []) : length("${var.name}-${name}-execution-") <= 38])
    error_message = "With iam_role_use_name_prefix the names of the cluster and of a service together must have at most 26 characters, and that of the cluster at most 22, because IAM takes 38 characters before those that it chooses."
  }
}

variable "role_path" {
  type        = string
  description = "Path of the roles that the module creates, such as `/teams/shop/`."
  default     = "/"

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.role_path))
    error_message = "A path begins and ends with a slash, such as /teams/shop/."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Policy that limits what the roles can ever do, where an account requires one."
  default     = null
}

variable "security_group_use_name_prefix" {
  type        = bool
  description = "Let AWS choose the end of the security group's name."
  default     = false
}

variable "vpc_id" {
  type        = string
  description = "VPC of the tasks."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the tasks, preferably private ones in two or more zones."

  validation {
    condition     = length(var.subnet_ids) >= 1 && length(var.subnet_ids) <= 16
    error_message = "ECS takes 1 to 16 subnets."
  }
}

variable "assign_public_ip" {
  type        = bool
  description = "Give tasks a public IP address: required in public subnets, where no NAT gateway leads to the image registry."
  default     = false
}

variable "load_balancer_security_group_id" {
  type        = string
  description = "Security group of the load balancer, which may reach the services' ports. Required when a service has `load_balancer`."
  default     = null
}

variable "egress_cidr_blocks" {
  type        = list(string)
  description = "Where tasks may connect to; they must reach at least the image registry, the logs and the secrets."
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for block in var.egress_cidr_blocks : can(cidrhost(block, 0))])
    error_message = "Every element must be a range of addresses such as 10.0.0.0/16."
  }
}

variable "container_insights" {
  type        = string
  description = "Container Insights of the cluster: `enabled`, `enhanced` or `disabled`."
  default     = "enabled"

  validation {
    condition     = contains(["enabled", "enhanced", "disabled"], var.container_insights)
    error_message = "Container Insights are enabled, enhanced or disabled."
  }
}

variable "fargate_spot_percent" {
  type        = number
  description = "Share of the tasks above `on_demand_base` that run on Fargate Spot, in percent."
  default     = 0

  validation {
    condition     = var.fargate_spot_percent >= 0 && var.fargate_spot_percent <= 100 && floor(var.fargate_spot_percent) == var.fargate_spot_percent
    error_message = "The share of Fargate Spot is a whole number of percent from 0 to 100."
  }
}

variable "on_demand_base" {
  type        = number
  description = "Tasks of each service that never run on Fargate Spot."
  default     = 1

  validation {
    condition     = var.on_demand_base >= 0 && var.on_demand_base <= 100000 && floor(var.on_demand_base) == var.on_demand_base
    error_message = "The number of tasks that never run on Fargate Spot is a whole number from 0 to 100000."
  }
}

variable "namespace" {
  type        = string
  description = "Name of the private Cloud Map namespace of the cluster. Defaults to `NAME.internal`."
  default     = null

  validation {
    condition     = var.namespace == null || can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.namespace))
    error_message = "The namespace is a DNS name: lower-case letters, digits, hyphens and dots."
  }
}

variable "create_namespace" {
  type        = bool
  description = "Create a Cloud Map namespace as the default one of the cluster that the module creates."
  default     = true
}

variable "log_retention_days" {
  type        = number
  description = "Days for which the logs of containers are kept; 0 keeps them without limit."
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch Logs keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days, or without limit (0)."
  }
}

variable "log_kms_key_arn" {
  type        = string
  description = "KMS key that encrypts the logs. Defaults to CloudWatch's own key."
  default     = null
}

variable "secret_kms_key_arns" {
  type        = list(string)
  description = "Customer managed KMS keys that encrypt secrets; tasks of services with secrets may decrypt with them."
  default     = []
}

variable "services" {
  type        = any
  description = "The services, by name: a map of objects with the settings that the README explains. A name that is none of them is an error."
}

variable "tags" {
  type        = map(string)
  description = "Tags of everything the module creates."
  default     = {}
}
