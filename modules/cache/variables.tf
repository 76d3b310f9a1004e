variable "name" {
  type        = string
  description = "Id of the cache, and prefix of what surrounds it."

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) <= 32
    error_message = "The name must start with a lowercase letter and have at most 32 lowercase letters, digits and single hyphens, not at its end, because ElastiCache takes 40 characters and users begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "vpc_id" {
  type        = string
  description = "VPC of the cache."

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "The VPC must be given by its id, such as vpc-0a1b2c3d4e5f67890."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the cache, in two zones when it has replicas."

  validation {
    condition     = length(var.subnet_ids) >= 1 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "At least one subnet is needed, by its id, such as subnet-0a1b2c3d4e5f67890."
  }

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 || var.replicas == 0
    error_message = "A replica must be in another zone than what it replaces: give subnets of two zones, or set replicas = 0."
  }
}

variable "client_security_group_ids" {
  type        = list(string)
  description = "Security groups that may connect: task_security_group_id of the ecs module is one."

  validation {
    condition     = length(distinct(var.client_security_group_ids)) == length(var.client_security_group_ids) && alltrue([for id in var.client_security_group_ids : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "Every security group must be given by its id, such as sg-0a1b2c3d4e5f67890, and only once, because AWS refuses a rule that is already there."
  }
}

variable "engine" {
  type        = string
  description = "\"valkey\" or \"redis\". Clients of one work with the other; Valkey costs less."
  default     = "valkey"

  validation {
    condition     = contains(["valkey", "redis"], var.engine)
    error_message = "The engine must be \"valkey\" or \"redis\"."
  }
}

variable "engine_version" {
  type        = string
  description = "Version: of Valkey from 7.2 on, of Redis 7.0 or 7.1. null means 8.0 of Valkey and 7.1 of Redis."
  default     = null

  validation {
    condition     = var.engine_version == null ? true : can(regex(var.engine == "redis" ? "^7\\.[01]$" : "^(7\\.2|[89]\\.[0-9]+)$", var.engine_version))
    error_message = "The version must be 7.2 or one from 8.0 on for Valkey, 7.0 or 7.1 for Redis; older ones are no longer supported by AWS or lack users of IAM."
  }
}

variable "node_type" {
  type        = string
  description = "Type of each node, such as cache.t4g.small."
  default     = "cache.t4g.small"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9-]+\\.[a-z0-9]+$", var.node_type))
    error_message = "The type must begin with \"cache.\", such as cache.t4g.small."
  }
}

variable "shards" {
  type        = number
  description = "Parts that the keys are spread over. With more than one, clients must speak the cluster protocol."
  default     = 1

  validation {
    condition     = var.shards >= 1 && var.shards <= 90 && floor(var.shards) == var.shards
    error_message = "A cache has 1 to 90 shards."
  }
}

variable "replicas" {
  type        = number
  description = "Replicas of each shard. With at least one, ElastiCache fails over to it by itself."
  default     = 1

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5 && floor(var.replicas) == var.replicas
    error_message = "A shard has 0 to 5 replicas."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "KMS key of data at rest; null means the key of ElastiCache. It cannot be changed."
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID."
  }
}

variable "iam_users" {
  type        = list(string)
  description = "Users that log in with a token of IAM: no password is anywhere. A policy must allow elasticache:Connect; the output connect_resources names what it needs."
  default     = []

  validation {
    condition     = alltrue([for user in var.iam_users : can(regex("^[a-z](-?[a-z0-9])*$", user)) && length("${var.name}-${user}") <= 40])
    error_message = "A user must start with a lowercase letter and have lowercase letters, digits and single hyphens, with at most 40 characters together with the name of the cache."
  }

  validation {
    condition     = !contains(var.iam_users, "default") && length(distinct(var.iam_users)) == length(var.iam_users)
    error_message = "Each user must be named once, and none \"default\": the module turns that one off."
  }
}

variable "access_string" {
  type        = string
  description = "What the users may do, in the words of Redis."
  default     = "on ~* &* +@all -@admin -@dangerous +info"
}

variable "auth_token" {
  type        = string
  description = "Password of all clients when there are no iam_users. It is in Terraform's state; pass it as a variable of the environment, never in a file."
  default     = null
  sensitive   = true

  validation {
    condition     = (var.auth_token == null) != (length(var.iam_users) == 0)
    error_message = "Clients must log in: with iam_users, or with auth_token when there are none, and not with both."
  }

  validation {
    condition     = var.auth_token == null ? true : can(regex("^[!#$%&'()*+,.0-9:;<=>?A-Z^_`a-z{|}~\\[\\]\\\\-]{16,128}$", var.auth_token))
    error_message = "The password must have 16 to 128 printable characters other than space, / @ and \", because ElastiCache takes no other."
  }
}

variable "parameters" {
  type        = map(string)
  description = "Parameters of the engine, such as { maxmemory-policy = \"allkeys-lru\" }."
  default     = {}

  validation {
    condition     = !contains(keys(var.parameters), "cluster-enabled")
    error_message = "cluster-enabled follows from shards."
  }
}

variable "snapshot_retention_days" {
  type        = number
  description = "Days for which daily snapshots are kept; 0 means none. What is only cached needs none."
  default     = 0

  validation {
    condition     = var.snapshot_retention_days >= 0 && var.snapshot_retention_days <= 35 && floor(var.snapshot_retention_days) == var.snapshot_retention_days
    error_message = "Snapshots can be kept for 0 to 35 days."
  }
}

variable "snapshot_window" {
  type        = string
  description = "Time of the daily snapshot, in UTC."
  default     = "02:00-03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.snapshot_window))
    error_message = "The window must be written as hh:mm-hh:mm, in UTC."
  }
}

variable "maintenance_window" {
  type        = string
  description = "Time of maintenance, in UTC. It must not overlap the snapshot window."
  default     = "sun:04:00-sun:05:00"

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "The window must be written as ddd:hh:mm-ddd:hh:mm in lower case, in UTC, such as sun:04:00-sun:05:00."
  }
}

variable "slow_log_retention_days" {
  type        = number
  description = "Days for which slow commands are kept in CloudWatch Logs; 0 means no such log."
  default     = 14

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.slow_log_retention_days)
    error_message = "The retention must be one of the numbers of days CloudWatch Logs takes, such as 7, 14, 30, 90 or 365, or 0 for no log."
  }
}

variable "apply_immediately" {
  type        = bool
  description = "Whether changes that may interrupt connections wait for no maintenance window."
  default     = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters and not begin with \"aws:\", and its value at most 256 characters."
  }

  validation {
    condition     = length(var.tags) <= 49
    error_message = "At most 49 tags can be given: AWS allows 50 on a resource, and the module adds one of its own."
  }
}
