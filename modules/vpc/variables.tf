variable "name" {
  type        = string
  description = "Name of the VPC and prefix of everything in it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,31}$", var.name))
    error_message = "The name must start with a lowercase letter and have at most 32 lowercase letters, digits and hyphens, because the names of roles and security groups begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "cidr_block" {
  type        = string
  description = "IPv4 range of the VPC, between /16 and /22. Each zone gets a quarter of it for tasks, and a thirty-second each for public and database subnets."
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.cidr_block)) && try(cidrsubnet(var.cidr_block, 0, 0) == var.cidr_block, false)
    error_message = "The range must be an IPv4 network such as 10.0.0.0/16, written with its first address."
  }

  validation {
    condition     = try(tonumber(split("/", var.cidr_block)[1]) >= 16 && tonumber(split("/", var.cidr_block)[1]) <= 22, false)
    error_message = "The range must be between /16, the largest AWS takes, and /22: in a smaller one the public subnets would be below the /27 that a load balancer needs."
  }

  validation {
    condition     = !can(regex("^(0|127|169\\.254|22[4-9]|23[0-9]|24[0-9]|25[0-5])\\.", var.cidr_block))
    error_message = "The range must not be reserved for other purposes: 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, and everything from 224.0.0.0 on."
  }
}

variable "availability_zones" {
  type        = list(string)
  description = "Two or three zones of one region, such as eu-west-1a. The order decides the ranges of the subnets: add a third at the end, and never reorder them."

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 3
    error_message = "Two or three zones are needed: a load balancer takes at least two, and the range of the VPC is laid out for three."
  }

  validation {
    condition     = length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "Each zone must be named once."
  }

  validation {
    condition     = alltrue([for zone in var.availability_zones : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", zone))])
    error_message = "Every zone must be the name of an availability zone such as eu-west-1a; local zones and zone ids are not taken, because NAT gateways and load balancers do not run in all of them."
  }

  validation {
    condition     = length(distinct([for zone in var.availability_zones : substr(zone, 0, length(zone) - 1)])) == 1
    error_message = "All zones must be in one region, because a VPC does not reach beyond its own."
  }
}

variable "nat_gateways" {
  type        = string
  description = "How tasks reach the internet: \"per_zone\" (a gateway in each zone), \"one\" (cheaper, but fails with its zone), or \"none\" (only through the endpoints)."
  default     = "per_zone"

  validation {
    condition     = contains(["none", "one", "per_zone"], var.nat_gateways)
    error_message = "The NAT gateways must be \"none\", \"one\" or \"per_zone\"."
  }
}

variable "interface_endpoints" {
  type        = set(string)
  description = "AWS services that tasks reach without leaving the VPC, by the last part of the endpoint's name. Each is billed per zone and hour. Without NAT gateways tasks need at least ecr.api, ecr.dkr and logs. The gateway endpoint of S3 always exists and costs nothing."
  default     = []

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z0-9][a-z0-9.-]*$", service)) && !startswith(service, "com.amazonaws.")])
    error_message = "Every service must be the last part of an endpoint's name: \"ecr.api\" for com.amazonaws.eu-west-1.ecr.api."
  }

  validation {
    condition     = !contains(var.interface_endpoints, "s3") && !contains(var.interface_endpoints, "dynamodb")
    error_message = "s3 and dynamodb are not interface endpoints here: S3 always has a gateway endpoint, and DynamoDB is free through a gateway endpoint that you create."
  }

  validation {
    condition     = contains(var.interface_endpoints, "ecr.api") == contains(var.interface_endpoints, "ecr.dkr")
    error_message = "ecr.api and ecr.dkr go together: with one of them a part of each image pull would still leave the VPC."
  }
}

variable "flow_logs" {
  type = object({
    traffic_type         = optional(string, "ALL")
    aggregation_interval = optional(number, 600)
    retention_days       = optional(number, 30)
    kms_key_arn          = optional(string)
  })
  description = "Flow logs to a CloudWatch log group: traffic_type (ALL, ACCEPT, REJECT), aggregation_interval in seconds (60, 600), retention_days, kms_key_arn. null means none."
  default     = {}

  validation {
    condition     = var.flow_logs == null || contains(["ALL", "ACCEPT", "REJECT"], try(var.flow_logs.traffic_type, ""))
    error_message = "The traffic type of the flow logs must be ALL, ACCEPT or REJECT."
  }

  validation {
    condition     = var.flow_logs == null || contains([60, 600], try(var.flow_logs.aggregation_interval, 0))
    error_message = "The aggregation interval of the flow logs must be 60 or 600 seconds; AWS has no other."
  }

  validation {
    condition = var.flow_logs == null || contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      try(var.flow_logs.retention_days, 0),
    )
    error_message = "The retention of the flow logs must be one of the numbers of days CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }

  validation {
    condition     = try(var.flow_logs.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.flow_logs.kms_key_arn))
    error_message = "The key of the flow logs must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID; CloudWatch Logs takes neither aliases nor ids."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource. Name is set by the module."
  default     = {}

  validation {
    condition     = !contains(keys(var.tags), "Name")
    error_message = "The tag Name is set by the module, one for each resource; give the module a name instead."
  }

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters and not begin with \"aws:\", and its value at most 256 characters."
  }

  validation {
    condition     = length(var.tags) <= 49
    error_message = "At most 49 tags can be given: AWS allows 50 on a resource, and the module adds the name."
  }
}
