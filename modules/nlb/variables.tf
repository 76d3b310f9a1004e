variable "name" {
  type        = string
  description = "Name of the load balancer, and prefix of its target groups and security group."

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$", var.name)) && !startswith(var.name, "internal-")
    error_message = "The name must start with a lowercase letter, have at most 24 lowercase letters, digits and hyphens, not end with a hyphen, and not begin with \"internal-\", which AWS keeps for itself. Names of target groups, limited to 32 characters, begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "vpc_id" {
  type        = string
  description = "VPC of the load balancer and its targets."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the load balancer: public ones, unless it is internal."

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 1
    error_message = "At least one subnet is needed, and better two in different zones."
  }
}

variable "internal" {
  type        = bool
  description = "Whether the load balancer has private addresses only."
  default     = false
}

variable "cross_zone" {
  type        = bool
  description = "Whether every node reaches the tasks of all zones. AWS bills traffic between zones."
  default     = true
}

variable "ingress_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges of the clients, for the ports of the production listeners."
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for block in var.ingress_cidr_blocks : can(cidrnetmask(block))]) && length(distinct(var.ingress_cidr_blocks)) == length(var.ingress_cidr_blocks)
    error_message = "Every element must be an IPv4 range such as 10.0.0.0/8, named once."
  }
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges that may use the test listeners; nobody by default."
  default     = []

  validation {
    condition     = alltrue([for block in var.tester_cidr_blocks : can(cidrnetmask(block))]) && length(distinct(var.tester_cidr_blocks)) == length(var.tester_cidr_blocks)
    error_message = "Every element must be an IPv4 range such as 10.0.0.0/8, named once."
  }
}

variable "target_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges of the tasks; the load balancer may open connections only to these."

  validation {
    condition     = length(var.target_cidr_blocks) > 0 && alltrue([for block in var.target_cidr_blocks : can(cidrnetmask(block))])
    error_message = "At least one IPv4 range such as 10.0.0.0/16 is needed: without any, the load balancer would reach no task."
  }
}

variable "services" {
  type        = any
  description = "Services behind the load balancer, by name: a map of objects with the settings that the README explains. A name that is none of them is an error."
  default     = {}
}

variable "security_group_use_name_prefix" {
  type        = bool
  description = "Let AWS choose the end of the security group's name."
  default     = false
}

variable "deletion_protection" {
  type        = bool
  description = "Whether AWS refuses to delete the load balancer, also for Terraform."
  default     = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
  default     = {}
}
