variable "name" {
  type        = string
  description = "Name of the vault and the plan, and prefix of the role."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{2,40}$", var.name))
    error_message = "The name must have 2 to 40 letters, digits, _ and -, because AWS takes 50 in the names of vaults."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null."
  default     = true
}

variable "resource_arns" {
  type        = list(string)
  description = "What is backed up, such as the output arn of the database module. Wildcards are possible."
  default     = []

  validation {
    condition     = length(var.resource_arns) > 0 || length(var.selection_tags) > 0
    error_message = "Nothing would be backed up: give resource_arns or selection_tags."
  }
}

variable "selection_tags" {
  type        = map(string)
  description = "What is backed up as well: everything that has one of these tags, such as { Backup = \"daily\" }."
  default     = {}
}

variable "schedules" {
  type        = map(object({ schedule = string, keep_days = number }))
  description = "When backups are made (cron of AWS, in UTC), and for how many days they are kept, by name."
  default = {
    daily   = { schedule = "cron(0 3 * * ? *)", keep_days = 35 }
    monthly = { schedule = "cron(0 4 1 * ? *)", keep_days = 365 }
  }

  validation {
    condition     = length(var.schedules) >= 1 && alltrue([for name, it in var.schedules : can(regex("^[A-Za-z0-9_.-]{1,50}$", name)) && can(regex("^(cron|rate)\\(.+\\)$", it.schedule))])
    error_message = "At least one schedule is needed; its name has 1 to 50 letters, digits, _ . and -, and its time is an expression such as cron(0 3 * * ? *)."
  }

  validation {
    condition     = alltrue([for it in values(var.schedules) : it.keep_days >= 1 && floor(it.keep_days) == it.keep_days])
    error_message = "Backups must be kept for a whole number of days, from 1 on."
  }
}

variable "start_within_minutes" {
  type        = number
  description = "Minutes after its time within which a backup must start, or it is canceled."
  default     = 60

  validation {
    condition     = var.start_within_minutes >= 60 && floor(var.start_within_minutes) == var.start_within_minutes
    error_message = "A backup needs at least 60 minutes to start, as AWS demands."
  }
}

variable "continuous" {
  type        = bool
  description = "Whether the schedules of up to 35 days allow going back to any point in time, for RDS, Aurora and S3."
  default     = true
}

variable "kms_key_arn" {
  type        = string
  description = "KMS key of the vault; null means the key aws/backup. Copies to another account need a key of yours."
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID."
  }
}

variable "copy_to" {
  type        = map(number)
  description = "Vaults in other regions or accounts, by ARN, and for how many days copies are kept there: what a rebuild in another region needs."
  default     = {}

  validation {
    condition     = alltrue([for arn, days in var.copy_to : can(regex("^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:.+$", arn)) && days >= 1 && floor(days) == days])
    error_message = "A vault must be given by its ARN, such as arn:aws:backup:eu-central-1:123456789012:backup-vault:shop, with a whole number of days from 1 on."
  }
}

variable "lock" {
  type        = object({ min_days = number, max_days = number, changeable_for_days = number })
  description = "Lock of the vault: for how many days backups must and may be kept at least and at most, and for how many days the lock can still be changed (3 or more; nobody can remove it afterwards, AWS neither). null means no lock."
  default     = null

  validation {
    condition     = var.lock == null ? true : var.lock.min_days >= 1 && var.lock.max_days >= var.lock.min_days && var.lock.changeable_for_days >= 3
    error_message = "A lock needs at least 1 day, a maximum that is not less, and at least 3 days in which it can be changed, as AWS demands."
  }

  validation {
    condition     = var.lock == null ? true : alltrue([for it in values(var.schedules) : it.keep_days >= var.lock.min_days && it.keep_days <= var.lock.max_days])
    error_message = "The days of every schedule must be within those of the lock: AWS would refuse the backups."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether the vault can be destroyed with the backups in it."
  default     = false
}

variable "notify_topic_arn" {
  type        = string
  description = "Topic that hears of failed backups and restores: topic_arns[\"critical\"] of the monitoring module is one. Its policy must let backup.amazonaws.com publish."
  default     = null
}

variable "notify" {
  type        = bool
  description = "Whether notify_topic_arn is used. It is known before a topic of the same apply is."
  default     = false

  validation {
    condition     = !var.notify || var.notify_topic_arn != null
    error_message = "Give the topic in notify_topic_arn too."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource that has tags, and of the backups."
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
