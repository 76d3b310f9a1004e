variable "repository_names" {
  type        = list(string)
  description = "Names of the repositories, such as shop/web. All of them get the same settings; call the module again for other ones."

  validation {
    condition     = length(var.repository_names) >= 1 && length(distinct(var.repository_names)) == length(var.repository_names)
    error_message = "At least one repository is needed, and each name only once, because a registry has one repository of a name."
  }

  validation {
    condition     = alltrue([for name in var.repository_names : length(name) >= 2 && length(name) <= 256 && can(regex("^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$", name))])
    error_message = "The name of a repository must have 2 to 256 lowercase letters, digits and single . _ - between them, with / between its parts, such as shop/web."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are empty."
  default     = true
}

variable "immutable_tags" {
  type        = bool
  description = "Whether a tag that was pushed always means the same image. A rollback to a tag needs that, unless task definitions name digests."
  default     = true
}

variable "scan_on_push" {
  type        = bool
  description = "Whether ECR scans each image for known vulnerabilities when it is pushed. Enhanced scanning is a setting of the whole registry, and overrides this."
  default     = true
}

variable "kms_key_arn" {
  type        = string
  description = "KMS key that encrypts the images; null means the key of ECR (AES256). It cannot be changed: another one replaces the repositories."
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "The key must be the ARN of a KMS key, such as arn:aws:kms:eu-west-1:123456789012:key/ID: ECR keeps the ARN, and an alias or id would differ in every plan."
  }
}

variable "keep_images" {
  type        = number
  description = "Images that each repository keeps, newest first. Services must be able to start tasks and roll back while newer images arrive: keep more than are pushed between two deployments."
  default     = 100

  validation {
    condition     = var.keep_images >= 2 && floor(var.keep_images) == var.keep_images
    error_message = "At least 2 images must be kept, as a whole number: the one that serves and the one that a rollback returns to."
  }
}

variable "untagged_days" {
  type        = number
  description = "Days after which an image without a tag is deleted."
  default     = 7

  validation {
    condition     = var.untagged_days >= 1 && floor(var.untagged_days) == var.untagged_days
    error_message = "Images without a tag can be deleted after a whole number of days, from 1 on."
  }
}

variable "protected_tag_prefixes" {
  type        = list(string)
  description = "Images with a tag that begins with one of these, such as release-, do not count to keep_images; the newest keep_protected_images of each prefix are kept."
  default     = []

  validation {
    condition     = alltrue([for prefix in var.protected_tag_prefixes : can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", prefix))]) && length(distinct(var.protected_tag_prefixes)) == length(var.protected_tag_prefixes)
    error_message = "Each prefix must be the beginning of a tag, such as release-, and be named once."
  }

  validation {
    condition     = length(var.protected_tag_prefixes) <= 20
    error_message = "At most 20 prefixes can be protected: each is a rule of the lifecycle policy, and AWS takes 50."
  }
}

variable "keep_protected_images" {
  type        = number
  description = "Images of each protected prefix that are kept, newest first."
  default     = 1000

  validation {
    condition     = var.keep_protected_images >= 2 && floor(var.keep_protected_images) == var.keep_protected_images
    error_message = "At least 2 images of a protected prefix must be kept, as a whole number."
  }
}

variable "pull_account_ids" {
  type        = list(string)
  description = "Other AWS accounts that may pull: their own policies decide which of their roles do. The execution roles of this account need nothing here."
  default     = []

  validation {
    condition     = alltrue([for id in var.pull_account_ids : can(regex("^[0-9]{12}$", id))]) && length(distinct(var.pull_account_ids)) == length(var.pull_account_ids)
    error_message = "Each account must be given by its number of 12 digits, in quotes because it may begin with 0, and only once."
  }
}

variable "force_delete" {
  type        = bool
  description = "Whether a repository that still has images can be destroyed."
  default     = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every repository."
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
