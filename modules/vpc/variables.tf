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
  description = "IPv4 range of the VPC, between /16 and /22. Each zone gets a quarter of it for tasks, and a thirty-second each for public and database subnets, unless `subnet_cidr_blocks` says otherwise."
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
  description = "Two or three zones of one region, such as eu-west-1a; up to six with `subnet_cidr_blocks`. The order decides the ranges of the subnets: add a zone at the end, and never reorder them."

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 6
    error_message = "Two to six zones are needed: a load balancer takes at least two, and no region has more than six."
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

variable "subnet_cidr_blocks" {
  type = object({
    app      = list(string)
    public   = list(string)
    database = list(string)
  })
  description = "Ranges of the subnets, one per zone in the order of the zones, where others have planned them. null means the layout of the module. Changing a range replaces its subnet."
  default     = null

  validation {
    condition     = var.subnet_cidr_blocks != null || length(var.availability_zones) <= 3
    error_message = "The range of the VPC is laid out for three zones. For more write the ranges of the subnets yourself."
  }

  validation {
    condition     = var.subnet_cidr_blocks == null || alltrue([for ranges in try(values(var.subnet_cidr_blocks), []) : length(ranges) == length(var.availability_zones)])
    error_message = "Each kind of subnet (app, public, database) needs one range for each zone of availability_zones."
  }

  validation {
    condition     = alltrue([for range in try(flatten(values(var.subnet_cidr_blocks)), []) : can(cidrnetmask(range)) && try(cidrsubnet(range, 0, 0) == range, false)])
    error_message = "Every range of a subnet must be an IPv4 network such as 10.0.0.0/20, written with its first address."
  }

  # Two ranges overlap when the shorter prefix of the two contains both first addresses.
  validation {
    condition = alltrue(flatten([for index, one in try(flatten(values(var.subnet_cidr_blocks)), []) : [
      for other in slice(try(flatten(values(var.subnet_cidr_blocks)), []), 0, index) :
      try(cidrhost("${split("/", one)[0]}/${min(split("/", one)[1], split("/", other)[1])}", 0) != cidrhost("${split("/", other)[0]}/${min(split("/", one)[1], split("/", other)[1])}", 0), true)
    ]]))
    error_message = "The ranges of the subnets must not overlap."
  }

  validation {
    condition     = alltrue([for range in try(flatten(values(var.subnet_cidr_blocks)), []) : try(tonumber(split("/", range)[1]) >= tonumber(split("/", var.cidr_block)[1]) && tonumber(split("/", range)[1]) <= 27 && cidrhost("${split("/", range)[0]}/${split("/", var.cidr_block)[1]}", 0) == split("/", var.cidr_block)[0], true)])
    error_message = "Every range of a subnet must lie in cidr_block and be /27 or larger, which is what a load balancer needs."
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

variable "nat_allocation_ids" {
  type        = list(string)
  description = "Elastic IP addresses that exist, such as those that partners have on their allow lists: one for each NAT gateway, in the order of the zones. Empty means new addresses."
  default     = []

  validation {
    condition     = length(var.nat_allocation_ids) == 0 || length(var.nat_allocation_ids) == { none = 0, one = 1, per_zone = length(var.availability_zones) }[var.nat_gateways]
    error_message = "Each NAT gateway needs one address: name as many in nat_allocation_ids as there are gateways, or none at all for new ones."
  }

  validation {
    condition     = alltrue([for id in var.nat_allocation_ids : can(regex("^eipalloc-[0-9a-z]+$", id))])
    error_message = "Every address must be given by its allocation id, such as eipalloc-0a1b2c3d4e5f67890."
  }
}

variable "database_ports" {
  type        = set(number)
  description = "Ports of the database subnets that a network ACL opens to the app subnets, such as [5432, 6379]; it closes all others. Empty means no network ACL: security groups decide alone."
  default     = []

  validation {
    condition     = alltrue([for port in var.database_ports : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "Every port of the database subnets must be a whole number from 1 to 65535."
  }

  validation {
    condition     = length(var.availability_zones) * (length(var.database_ports) + 1) <= 20
    error_message = "AWS takes 20 rules in a network ACL, and each zone needs one for each port and one more: name fewer ports."
  }
}

variable "create_database_subnet_group" {
  type        = bool
  description = "Create a subnet group of RDS from the database subnets, for databases of other modules. That of the database module has its own."
  default     = false
}

variable "dynamodb_endpoint" {
  type        = bool
  description = "Create the gateway endpoint of DynamoDB, which costs nothing."
  default     = false
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
    error_message = "s3 and dynamodb are not interface endpoints here: S3 always has a gateway endpoint, and dynamodb_endpoint creates that of DynamoDB; both are free."
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

variable "public_subnet_tags" {
  type        = map(string)
  description = "More tags of the subnets for load balancers and NAT gateways."
  default     = {}

  validation {
    condition     = !contains(keys(var.public_subnet_tags), "Name") && length(var.public_subnet_tags) + length(var.tags) <= 49
    error_message = "The tag Name is set by the module, and AWS allows 50 tags on a subnet: leave Name out, and name at most 49 tags together with those of the module."
  }
}

variable "app_subnet_tags" {
  type        = map(string)
  description = "More tags of the subnets for tasks."
  default     = {}

  validation {
    condition     = !contains(keys(var.app_subnet_tags), "Name") && length(var.app_subnet_tags) + length(var.tags) <= 49
    error_message = "The tag Name is set by the module, and AWS allows 50 tags on a subnet: leave Name out, and name at most 49 tags together with those of the module."
  }
}

variable "database_subnet_tags" {
  type        = map(string)
  description = "More tags of the subnets for databases."
  default     = {}

  validation {
    condition     = !contains(keys(var.database_subnet_tags), "Name") && length(var.database_subnet_tags) + length(var.tags) <= 49
    error_message = "The tag Name is set by the module, and AWS allows 50 tags on a subnet: leave Name out, and name at most 49 tags together with those of the module."
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
