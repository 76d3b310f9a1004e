variable "name" {
  type        = string
  description = "Name of the dashboard, and prefix of alarms, topics, rules and queries."

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_-]{0,39}$", var.name))
    error_message = "The name must start with a letter and have at most 40 letters, digits, _ and -, because the names of alarms, rules and topics begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "cluster_name" {
  type        = string
  description = "ECS cluster of the services."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,255}$", var.cluster_name))
    error_message = "The cluster must be given by its name, not its ARN."
  }
}

variable "services" {
  type = map(object({
    target_group_arn_suffixes = optional(list(string), [])
  }))
  description = "Services by name, with the target groups of each as CloudWatch calls them (target_group_arn_suffixes); the output services of the alb module is one. Without target groups a service has alarms for CPU and memory only."

  validation {
    condition     = length(var.services) >= 1 && alltrue([for name in keys(var.services) : can(regex("^[A-Za-z0-9_-]{1,255}$", name))])
    error_message = "At least one service is needed, each by the name that it has in ECS."
  }

  validation {
    condition     = alltrue([for service in values(var.services) : length(service.target_group_arn_suffixes) <= 2])
    error_message = "A service has at most two target groups: one for each side."
  }

  validation {
    condition     = var.load_balancer_arn_suffix != null || alltrue([for service in values(var.services) : length(service.target_group_arn_suffixes) == 0])
    error_message = "Target groups have metrics only together with their load balancer: give load_balancer_arn_suffix too."
  }
}

variable "load_balancer_arn_suffix" {
  type        = string
  description = "Load balancer of the target groups as CloudWatch calls it, such as app/shop/0a1b2c3d4e5f6789: the output arn_suffix of the alb module. null means none."
  default     = null
}

variable "database_instances" {
  type        = list(string)
  description = "Identifiers of RDS instances, those of an Aurora cluster among them."
  default     = []
}

variable "cache_nodes" {
  type        = list(string)
  description = "Ids of ElastiCache nodes: the output member_cluster_ids of the cache module."
  default     = []
}

variable "log_group_names" {
  type        = map(string)
  description = "Log groups by service, for log metrics and saved queries: the output log_group_names of the ecs module."
  default     = {}
}

variable "thresholds" {
  type        = map(number)
  description = "Thresholds one by one, in place of the defaults; null means no such alarm. The README lists them."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.thresholds), keys(local.defaults))) == 0
    error_message = "There is no threshold ${join(", ", setsubtract(keys(var.thresholds), keys(local.defaults)))}. There are ${join(", ", keys(local.defaults))}."
  }

  validation {
    condition     = alltrue([for value in values(var.thresholds) : value == null ? true : value >= 0])
    error_message = "A threshold must be 0 or more, or null for no alarm."
  }
}

variable "minimum_requests" {
  type        = number
  description = "Requests a minute from which on a share of errors counts: one error of two requests is 50 percent and says nothing."
  default     = 20

  validation {
    condition     = var.minimum_requests >= 1
    error_message = "The share of errors needs at least one request a minute."
  }
}

variable "critical_minutes" {
  type        = number
  description = "Minutes in a row in which a critical threshold must be exceeded."
  default     = 1

  validation {
    condition     = var.critical_minutes >= 1 && var.critical_minutes <= 60 && floor(var.critical_minutes) == var.critical_minutes
    error_message = "The time must be 1 to 60 whole minutes."
  }
}

variable "warning_minutes" {
  type        = number
  description = "Minutes in a row in which a warning threshold must be exceeded."
  default     = 5

  validation {
    condition     = var.warning_minutes >= 1 && var.warning_minutes <= 60 && floor(var.warning_minutes) == var.warning_minutes
    error_message = "The time must be 1 to 60 whole minutes."
  }
}

variable "log_patterns" {
  type        = map(string)
  description = "Filter patterns of CloudWatch Logs by name. What matches is counted in a metric for each service that has a log group."
  default = {
    errors                       = "?ERROR ?FATAL ?Exception"
    database-connection-failures = "?\"connection refused\" ?\"could not connect\" ?\"too many connections\" ?\"remaining connection slots\""
  }

  validation {
    condition     = alltrue([for name, pattern in var.log_patterns : can(regex("^[a-z][a-z0-9-]{0,63}$", name)) && length(pattern) <= 1024])
    error_message = "A pattern needs a name of lowercase letters, digits and hyphens, and has at most 1024 characters."
  }
}

variable "log_alarms" {
  type        = map(object({ severity = string, above = number }))
  description = "Alarms on counts of those patterns: severity (critical or warning), and above how many matches a minute."
  default = {
    database-connection-failures = { severity = "critical", above = 5 }
  }

  validation {
    condition     = length(setsubtract(keys(var.log_alarms), concat(keys(var.log_patterns), ["database-connection-failures"]))) == 0
    error_message = "There is no pattern ${join(", ", setsubtract(keys(var.log_alarms), keys(var.log_patterns)))} in log_patterns."
  }

  validation {
    condition     = alltrue([for alarm in values(var.log_alarms) : contains(["critical", "warning"], alarm.severity) && alarm.above >= 0])
    error_message = "The severity of an alarm must be \"critical\" or \"warning\", and the number of matches 0 or more."
  }
}

variable "topic_arns" {
  type        = map(string)
  description = "Topics that are there already, by severity (critical, warning, info). Their policies must let CloudWatch and EventBridge publish. The module creates the others."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.topic_arns), ["critical", "warning", "info"])) == 0 && alltrue([for arn in values(var.topic_arns) : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "A topic must be the ARN of an SNS topic, under one of the keys critical, warning and info."
  }
}

variable "topic_kms_key_arn" {
  type        = string
  description = "KMS key of the topics; null means that SNS encrypts them by itself. Its policy must let CloudWatch and EventBridge use it, which the key aws/sns does not."
  default     = null

  validation {
    condition     = var.topic_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.topic_kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID."
  }
}

variable "emails" {
  type        = map(list(string))
  description = "E-mail addresses by severity (critical, warning, info). Each gets a message to confirm first."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.emails), ["critical", "warning", "info"])) == 0 && alltrue([for address in flatten(values(var.emails)) : can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", address))])
    error_message = "E-mail addresses must be under one of the keys critical, warning and info, and be of the form name@example.com."
  }
}

variable "webhooks" {
  type        = map(list(string))
  description = "HTTPS endpoints by severity (critical, warning, info), such as the integration URL of a pager. They must confirm the subscription, as those of PagerDuty and Opsgenie do."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.webhooks), ["critical", "warning", "info"])) == 0 && alltrue([for url in flatten(values(var.webhooks)) : can(regex("^https://[^[:space:]]+$", url))])
    error_message = "Webhooks must be under one of the keys critical, warning and info, and be https URLs."
  }
}

variable "codedeploy_application" {
  type        = string
  description = "Application of CodeDeploy whose deployments are reported; null means none."
  default     = null
}

variable "dashboard" {
  type        = bool
  description = "Whether there is a dashboard."
  default     = true
}

variable "queries" {
  type        = bool
  description = "Whether there are saved queries of CloudWatch Logs Insights; they need log_group_names."
  default     = true
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource that has tags."
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "A tag's key must have 1 to 128 characters and not begin with \"aws:\", and its value at most 256 characters."
  }

  validation {
    condition     = length(var.tags) <= 50
    error_message = "At most 50 tags can be given, because AWS allows 50 on a resource."
  }
}
