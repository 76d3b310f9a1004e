variable "name" {
  type        = string
  description = "Name of the web ACL, and prefix of its metrics."

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,79}$", var.name))
    error_message = "The name must begin with a letter or digit and have at most 80 letters, digits and hyphens, because metrics and IP sets begin with it."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null."
  default     = true
}

variable "scope" {
  type        = string
  description = "\"REGIONAL\" for load balancers and APIs, \"CLOUDFRONT\" for distributions; the latter must be created in us-east-1."
  default     = "REGIONAL"

  validation {
    condition     = contains(["REGIONAL", "CLOUDFRONT"], var.scope)
    error_message = "The scope must be \"REGIONAL\" or \"CLOUDFRONT\"."
  }
}

variable "resource_arns" {
  type        = list(string)
  description = "Load balancers and APIs that it protects: the output arn of the alb module is one. A distribution names the web ACL itself."
  default     = []

  validation {
    condition     = length(var.resource_arns) == 0 || var.scope == "REGIONAL"
    error_message = "Only regional resources are associated here. Give the output arn to web_acl_arn of the distribution instead."
  }
}

variable "managed_rule_groups" {
  type        = list(string)
  description = "Rule groups of AWS in the order in which they are evaluated."
  default = [
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
  ]

  validation {
    condition     = alltrue([for name in var.managed_rule_groups : can(regex("^AWSManagedRules[A-Za-z0-9]+$", name))]) && length(distinct(var.managed_rule_groups)) == length(var.managed_rule_groups)
    error_message = "Every rule group must be one of AWS, whose names begin with AWSManagedRules, and be named once."
  }
}

variable "counted_rules" {
  type        = map(list(string))
  description = "By rule group, rules that only count what they match, such as { AWSManagedRulesCommonRuleSet = [\"SizeRestrictions_BODY\"] } for uploads."
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.counted_rules), var.managed_rule_groups)) == 0
    error_message = "There is no rule group ${join(", ", setsubtract(keys(var.counted_rules), var.managed_rule_groups))} in managed_rule_groups."
  }
}

variable "count_only" {
  type        = bool
  description = "Whether nothing is blocked, and everything is counted: see what would be blocked before it is."
  default     = false
}

variable "rate_limit" {
  type        = number
  description = "Requests of one address in five minutes, above which it is blocked until it is below; null means no limit."
  default     = 2000

  validation {
    condition     = var.rate_limit == null ? true : var.rate_limit >= 10 && var.rate_limit <= 2000000000 && floor(var.rate_limit) == var.rate_limit
    error_message = "The limit must be a whole number from 10 on, which is what AWS takes, or null for none."
  }
}

variable "rate_limits" {
  type        = map(number)
  description = "Lower limits for paths that begin with the key, such as { \"/login\" = 50 }."
  default     = {}

  validation {
    condition     = alltrue([for path, limit in var.rate_limits : startswith(path, "/") && length(path) <= 200 && limit >= 10 && floor(limit) == limit])
    error_message = "A path must begin with / and have at most 200 characters, and its limit be a whole number from 10 on."
  }
}

variable "blocked_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges that are always blocked."
  default     = []

  validation {
    condition     = alltrue([for block in var.blocked_cidr_blocks : can(cidrnetmask(block)) && try(cidrsubnet(block, 0, 0) == block, false) && !endswith(block, "/0")])
    error_message = "Every element must be an IPv4 range such as 192.0.2.0/24, written with its first address, and not all addresses."
  }
}

variable "allowed_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges that pass all other rules, such as those of your monitoring."
  default     = []

  validation {
    condition     = alltrue([for block in var.allowed_cidr_blocks : can(cidrnetmask(block)) && try(cidrsubnet(block, 0, 0) == block, false) && !endswith(block, "/0")])
    error_message = "Every element must be an IPv4 range such as 192.0.2.0/24, written with its first address, and not all addresses."
  }
}

variable "blocked_countries" {
  type        = list(string)
  description = "Countries whose requests are blocked, by their two letters."
  default     = []

  validation {
    condition     = alltrue([for country in var.blocked_countries : can(regex("^[A-Z]{2}$", country))])
    error_message = "A country must be given by its two capital letters, as in ISO 3166."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days for which requests that were blocked or counted are kept in CloudWatch Logs; 0 means no logs. The headers authorization and cookie are left out."
  default     = 30

  validation {
    condition     = contains([0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "The retention must be one of the numbers of days CloudWatch Logs takes, such as 7, 14, 30, 90 or 365, or 0 for no logs."
  }
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
