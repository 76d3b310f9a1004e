variable "name" {
  type        = string
  description = "Identifier of the database, and prefix of what surrounds it."

  validation {
    condition     = can(regex("^[a-z](-?[a-z0-9])*$", var.name)) && length(var.name) <= 50
    error_message = "The name must start with a lowercase letter and have at most 50 lowercase letters, digits and single hyphens, not at its end, because AWS takes 63 characters and writes identifiers in lower case."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "vpc_id" {
  type        = string
  description = "VPC of the database."

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "The VPC must be given by its id, such as vpc-0a1b2c3d4e5f67890."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the database, in at least two zones and without a way to the internet."

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "At least two subnets are needed, by their ids and in different zones: RDS creates no database in one zone, not even a small one."
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
  description = "\"postgres\" for an instance of RDS, \"aurora-postgresql\" for an Aurora cluster."
  default     = "postgres"

  validation {
    condition     = contains(["postgres", "aurora-postgresql"], var.engine)
    error_message = "The engine must be \"postgres\" or \"aurora-postgresql\"."
  }
}

variable "engine_version" {
  type        = string
  description = "Major version, such as 17, with which RDS chooses and upgrades the minor one; or a whole version, such as 17.4."
  default     = "17"

  validation {
    condition     = can(regex("^1[3-9](\\.[0-9]+)*$", var.engine_version))
    error_message = "The version must be one of PostgreSQL from 13 on, such as \"17\" or \"17.4\", in quotes."
  }
}

variable "instance_class" {
  type        = string
  description = "Class of each instance, such as db.t4g.medium or db.r8g.large."

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "The class must begin with \"db.\", such as db.t4g.medium."
  }
}

variable "multi_az" {
  type        = bool
  description = "For \"postgres\": a standby in a second zone, to which RDS fails over by itself."
  default     = true
}

variable "instance_count" {
  type        = number
  description = "For \"aurora-postgresql\": instances of the cluster. The first one writes; each of the others answers reads and can take its place."
  default     = 2

  validation {
    condition     = var.instance_count >= 1 && var.instance_count <= 16 && floor(var.instance_count) == var.instance_count
    error_message = "A cluster has 1 to 16 instances."
  }
}

variable "allocated_storage" {
  type        = number
  description = "For \"postgres\": GiB at first. Aurora grows by itself."
  default     = 20

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 65536 && floor(var.allocated_storage) == var.allocated_storage
    error_message = "The storage must be 20 to 65536 whole GiB, as AWS demands of gp3."
  }
}

variable "max_allocated_storage" {
  type        = number
  description = "For \"postgres\": GiB up to which RDS enlarges the storage by itself; 0 means that it does not."
  default     = 100

  validation {
    condition     = var.max_allocated_storage == 0 || var.max_allocated_storage > var.allocated_storage
    error_message = "The storage can only grow: max_allocated_storage must be more than allocated_storage, or 0."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "KMS key of the storage, its backups and Performance Insights; null means the key aws/rds of the account. It cannot be changed."
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID; an alias would differ in every plan."
  }
}

variable "database_name" {
  type        = string
  description = "Database that is created with the instance; null means none but postgres."
  default     = null

  validation {
    condition     = var.database_name == null || can(regex("^[a-zA-Z_][a-zA-Z0-9_]{0,62}$", var.database_name))
    error_message = "The name of the database must start with a letter or _ and have at most 63 letters, digits and _."
  }
}

variable "username" {
  type        = string
  description = "Name of the master user. RDS creates its password in Secrets Manager, so that it is neither in the configuration nor in the state."
  default     = "master"

  validation {
    condition     = can(regex("^[a-zA-Z_][a-zA-Z0-9_]{0,62}$", var.username)) && !contains(["admin", "postgres", "rdsadmin"], var.username)
    error_message = "The name of the master user must start with a letter or _ and have at most 63 letters, digits and _; admin, postgres and rdsadmin are reserved or guessed first."
  }
}

variable "password_rotation_days" {
  type        = number
  description = "Days after which the password changes; null means 7, the days of RDS itself. Services must read it again: those of the ecs module do when their tasks start."
  default     = null

  validation {
    condition     = var.password_rotation_days == null || try(var.password_rotation_days >= 1 && var.password_rotation_days <= 1000 && floor(var.password_rotation_days) == var.password_rotation_days, false)
    error_message = "The password can change every 1 to 1000 days."
  }
}

variable "iam_authentication" {
  type        = bool
  description = "Whether users can log in with a token of IAM in place of a password."
  default     = true
}

variable "port" {
  type        = number
  description = "Port of the database."
  default     = 5432

  validation {
    condition     = var.port >= 1150 && var.port <= 65535 && floor(var.port) == var.port
    error_message = "The port must be a whole number from 1150 to 65535, which is what RDS takes."
  }
}

variable "backup_retention_days" {
  type        = number
  description = "Days for which RDS keeps its backups, to any second of which the database can be restored."
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "Backups must be kept for 1 to 35 days. Without them there is no way back; for longer times use the backup module."
  }
}

variable "backup_window" {
  type        = string
  description = "Time of the daily backup, in UTC."
  default     = "02:00-03:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.backup_window))
    error_message = "The window must be written as hh:mm-hh:mm, in UTC."
  }
}

variable "maintenance_window" {
  type        = string
  description = "Time of maintenance and minor upgrades, in UTC. It must not overlap the backup window."
  default     = "sun:04:00-sun:05:00"

  validation {
    condition     = can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.maintenance_window))
    error_message = "The window must be written as ddd:hh:mm-ddd:hh:mm in lower case, in UTC, such as sun:04:00-sun:05:00."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether AWS refuses to delete the database, also for Terraform."
  default     = true
}

variable "final_snapshot" {
  type        = bool
  description = "Whether a snapshot NAME-final is made when the database is destroyed."
  default     = true
}

variable "snapshot_identifier" {
  type        = string
  description = "Snapshot from which the database is made; null means an empty one. Changing it later does nothing to a database that exists."
  default     = null
}

variable "parameters" {
  type        = map(string)
  description = "More parameters of PostgreSQL, such as { log_min_duration_statement = \"500\" }. Those that need a restart take effect with the next one."
  default     = {}

  validation {
    condition     = !contains(keys(var.parameters), "rds.force_ssl")
    error_message = "rds.force_ssl is set by the module: connections without TLS are refused."
  }

  validation {
    condition     = alltrue([for name in keys(var.parameters) : can(regex("^[a-z0-9_.]+$", name))])
    error_message = "The name of a parameter has lowercase letters, digits, _ and the dots of extensions."
  }
}

variable "monitoring_interval" {
  type        = number
  description = "Seconds between measurements of the operating system (Enhanced Monitoring); 0 means none."
  default     = 60

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.monitoring_interval)
    error_message = "The interval must be 0, 1, 5, 10, 15, 30 or 60 seconds."
  }
}

variable "performance_insights" {
  type        = bool
  description = "Whether Performance Insights records which queries the database waits for, for 7 days."
  default     = true
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
