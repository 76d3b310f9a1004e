variable "name" {
  type        = string
  description = "Name of the distribution's parts, and of the bucket unless bucket_name is given."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,60}[a-z0-9]$", var.name))
    error_message = "The name must have 3 to 62 lowercase letters, digits and hyphens, not at its ends, because a bucket is named so."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null."
  default     = true
}

variable "bucket_name" {
  type        = string
  description = "Name of the bucket, which nobody else on AWS may have; null means the name."
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "The name of the bucket must have 3 to 63 lowercase letters, digits and hyphens, not at its ends."
  }
}

variable "hosts" {
  type        = list(string)
  description = "Host names of the site; they need certificate_arn, and aliases of the dns module. Without any, the site answers at the name that CloudFront gives it."
  default     = []

  validation {
    condition     = alltrue([for host in var.hosts : can(regex("^(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", host))]) && length(distinct(var.hosts)) == length(var.hosts)
    error_message = "A host must be a domain in lower case, such as www.example.com, and be named once."
  }
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the hosts, in ACM and in us-east-1, where CloudFront looks for it."
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/[0-9a-zA-Z-]+$", var.certificate_arn))
    error_message = "The certificate must be the ARN of a certificate in ACM in us-east-1: CloudFront takes no other."
  }

  validation {
    condition     = (var.certificate_arn == null) == (length(var.hosts) == 0)
    error_message = "Hosts need a certificate, and a certificate needs hosts."
  }
}

variable "default_root_object" {
  type        = string
  description = "What / answers."
  default     = "index.html"
}

variable "release_path" {
  type        = string
  description = "Folder of the bucket that is served, such as /releases/42; empty means all of it. Another folder is another release: the files of the old one stay, for the way back."
  default     = ""

  validation {
    condition     = can(regex("^(/[A-Za-z0-9._-]+)*$", var.release_path))
    error_message = "The folder must begin with a slash and not end with one, such as /releases/42, or be empty."
  }
}

variable "fallback_page" {
  type        = string
  description = "Page that answers, with status 200, for files that are not there: /index.html for an application that has paths of its own. null means an error 403."
  default     = null

  validation {
    condition     = var.fallback_page == null ? true : startswith(var.fallback_page, "/")
    error_message = "The page must be a path that begins with a slash, such as /index.html."
  }
}

variable "api_host" {
  type        = string
  description = "Host name of a load balancer or API behind the same site, such as the output dns_name of the alb module, whose certificate is for one of the hosts. null means none."
  default     = null
}

variable "api_paths" {
  type        = list(string)
  description = "Paths that go there and are not cached, such as /api/*."
  default     = []

  validation {
    condition     = alltrue([for path in var.api_paths : startswith(path, "/") && length(path) <= 255])
    error_message = "A path must begin with a slash, such as /api/*, and have at most 255 characters."
  }

  validation {
    condition     = length(var.api_paths) == 0 || var.api_host != null
    error_message = "Say where these paths go, in api_host."
  }
}

variable "content_security_policy" {
  type        = string
  description = "Value of the header Content-Security-Policy. null means that header is not sent; the other security headers always are."
  default     = null
}

variable "web_acl_arn" {
  type        = string
  description = "Web ACL of AWS WAF with the scope CLOUDFRONT: the output arn of the waf module. null means none."
  default     = null
}

variable "price_class" {
  type        = string
  description = "Where the site is cached: PriceClass_100 (North America and Europe), PriceClass_200, or PriceClass_All."
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "The price class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "old_version_days" {
  type        = number
  description = "Days for which the bucket keeps files that were overwritten or deleted."
  default     = 30

  validation {
    condition     = var.old_version_days >= 1 && floor(var.old_version_days) == var.old_version_days
    error_message = "Old versions can be kept for a whole number of days, from 1 on."
  }
}

variable "force_destroy" {
  type        = bool
  description = "Whether the bucket can be destroyed with the files in it."
  default     = false
}

variable "wait_for_deployment" {
  type        = bool
  description = "Whether an apply waits until all edge locations have a change, which takes some minutes."
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
