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

  validation {
    condition     = can(regex("^vpc-[0-9a-z]+$", var.vpc_id))
    error_message = "The VPC must be given by its id, such as vpc-0a1b2c3d4e5f67890."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the load balancer, in at least two zones: public ones, unless it is internal."

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "At least two subnets in different zones are needed, because AWS makes no application load balancer in one zone."
  }

  validation {
    condition     = alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-z]+$", id))])
    error_message = "Every subnet must be given by its id, such as subnet-0a1b2c3d4e5f67890."
  }
}

variable "internal" {
  type        = bool
  description = "Whether the load balancer has private addresses only."
  default     = false
}

variable "ip_address_type" {
  type        = string
  description = "\"ipv4\" or \"dualstack\"; the latter needs subnets with IPv6 ranges."
  default     = "ipv4"

  validation {
    condition     = contains(["ipv4", "dualstack"], var.ip_address_type)
    error_message = "The address type must be \"ipv4\" or \"dualstack\"."
  }
}

variable "https" {
  type        = bool
  description = "Whether production is HTTPS, with a redirect from HTTP. With `false` it is HTTP on port 80, without a certificate: for development, and inside a network that you trust."
  default     = true
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the HTTPS listeners, in ACM and in the region of the load balancer. Required unless `https` is `false`."
  default     = null

  validation {
    condition     = var.https ? can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-zA-Z-]+$", var.certificate_arn)) : var.certificate_arn == null
    error_message = "The certificate must be the ARN of a certificate in ACM, such as arn:aws:acm:eu-west-1:123456789012:certificate/ID; with https = false there is none."
  }
}

variable "create_security_group" {
  type        = bool
  description = "Create a security group for the load balancer; with `false` it has only `security_group_ids`, whose rules are yours."
  default     = true
}

variable "security_group_use_name_prefix" {
  type        = bool
  description = "Let AWS choose the end of the security group's name."
  default     = false
}

variable "security_group_ids" {
  type        = list(string)
  description = "Security groups that exist and that the load balancer has, too."
  default     = []

  validation {
    condition     = alltrue([for id in var.security_group_ids : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "Every security group must be given by its id, such as sg-0a1b2c3d4e5f67890."
  }

  validation {
    condition     = length(var.security_group_ids) <= (var.create_security_group ? 4 : 5) && (var.create_security_group || length(var.security_group_ids) > 0)
    error_message = "A load balancer has 1 to 5 security groups. Without one of its own, name at least one."
  }
}

variable "additional_certificate_arns" {
  type        = list(string)
  description = "More certificates, chosen by the host name that a client asks for."
  default     = []

  validation {
    condition     = alltrue([for arn in var.additional_certificate_arns : can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-zA-Z-]+$", arn))])
    error_message = "Every certificate must be the ARN of a certificate in ACM, such as arn:aws:acm:eu-west-1:123456789012:certificate/ID."
  }

  validation {
    condition     = length(var.additional_certificate_arns) <= 25
    error_message = "A load balancer takes at most 25 certificates besides its default one."
  }
}

variable "ssl_policy" {
  type        = string
  description = "TLS policy of the HTTPS listeners."
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  validation {
    condition     = can(regex("^ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+$", var.ssl_policy))
    error_message = "The TLS policy must be one that takes TLS 1.2 and 1.3 only: ELBSecurityPolicy-TLS13-1-2-2021-06 or another whose name begins with ELBSecurityPolicy-TLS13-1-2- or ELBSecurityPolicy-TLS13-1-3-. The others let clients use versions of TLS that are broken."
  }
}

variable "ingress_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges of the clients, for the ports 80 and 443."
  default     = ["0.0.0.0/0"]

  validation {
    condition     = alltrue([for block in var.ingress_cidr_blocks : can(cidrnetmask(block)) && try(cidrsubnet(block, 0, 0) == block, false)])
    error_message = "Every element must be an IPv4 range such as 10.0.0.0/8, written with its first address: AWS keeps it that way, and any other spelling would differ in every plan."
  }

  validation {
    condition     = length(distinct(var.ingress_cidr_blocks)) == length(var.ingress_cidr_blocks)
    error_message = "Each range must be named once, because AWS refuses a rule that is already there."
  }
}

variable "ingress_ipv6_cidr_blocks" {
  type        = list(string)
  description = "IPv6 ranges of the clients, such as ::/0, for a load balancer that is \"dualstack\"."
  default     = []

  validation {
    condition     = alltrue([for block in var.ingress_ipv6_cidr_blocks : try(cidrsubnet(block, 0, 0) == block, false) && !can(cidrnetmask(block))])
    error_message = "Every element must be an IPv6 range such as ::/0, in lower case, shortened, and written with its first address: AWS keeps it that way, and any other spelling would differ in every plan."
  }

  validation {
    condition     = length(distinct(var.ingress_ipv6_cidr_blocks)) == length(var.ingress_ipv6_cidr_blocks)
    error_message = "Each range must be named once, because AWS refuses a rule that is already there."
  }

  validation {
    condition     = length(var.ingress_ipv6_cidr_blocks) == 0 || var.ip_address_type == "dualstack"
    error_message = "IPv6 clients reach only a load balancer whose ip_address_type is \"dualstack\"; set it, or leave the IPv6 ranges out."
  }
}

variable "target_cidr_blocks" {
  type        = list(string)
  description = "IPv4 ranges of the tasks; the load balancer may open connections only to these. Without this and target_security_group_ids: the first range of the VPC."
  default     = null

  validation {
    condition     = var.target_cidr_blocks == null || try(length(var.target_cidr_blocks) > 0, false)
    error_message = "At least one range is needed, or null for the VPC's own: without any, the load balancer would reach no task."
  }

  validation {
    condition     = var.target_cidr_blocks == null || alltrue([for block in coalesce(var.target_cidr_blocks, []) : can(cidrnetmask(block)) && try(cidrsubnet(block, 0, 0) == block, false)])
    error_message = "Every element must be an IPv4 range such as 10.0.0.0/18, written with its first address: AWS keeps it that way, and any other spelling would differ in every plan."
  }

  validation {
    condition     = var.target_cidr_blocks == null || try(length(distinct(var.target_cidr_blocks)) == length(var.target_cidr_blocks), false)
    error_message = "Each range must be named once, because AWS refuses a rule that is already there."
  }
}

variable "target_security_group_ids" {
  type        = list(string)
  description = "Security groups of the tasks; the load balancer may open connections only to these. They replace the ranges and are narrower."
  default     = null

  validation {
    condition     = var.target_security_group_ids == null || var.target_cidr_blocks == null
    error_message = "The tasks are given by target_security_group_ids or by target_cidr_blocks, not by both: the ranges would open what the groups close."
  }

  validation {
    condition     = var.target_security_group_ids == null || try(length(var.target_security_group_ids) > 0 && length(distinct(var.target_security_group_ids)) == length(var.target_security_group_ids), false)
    error_message = "At least one security group is needed, and each only once, or null for ranges: without any, the load balancer would reach no task."
  }

  validation {
    condition     = alltrue([for id in coalesce(var.target_security_group_ids, []) : can(regex("^sg-[0-9a-z]+$", id))])
    error_message = "Every security group must be given by its id, such as sg-0a1b2c3d4e5f67890."
  }
}

variable "test_listener" {
  type = object({
    port        = optional(number, 8443)
    protocol    = optional(string)
    cidr_blocks = optional(list(string), [])
  })
  description = "The listener that reaches a new revision before production does: port, protocol (HTTPS or HTTP, by default that of production), and the IPv4 ranges that may use it (cidr_blocks; none by default). Gates send requests to it from the machine that runs Terraform. null means no test listener."
  default     = {}

  validation {
    condition     = var.test_listener == null || try(var.test_listener.port >= 1 && var.test_listener.port <= 65535 && floor(var.test_listener.port) == var.test_listener.port, false)
    error_message = "The port of the test listener must be a whole number from 1 to 65535."
  }

  validation {
    condition     = var.test_listener == null || !contains([80, 443], try(var.test_listener.port, 0))
    error_message = "The test listener needs a port of its own: 80 redirects to HTTPS, and 443 is production."
  }

  validation {
    condition     = var.test_listener == null || contains(var.https ? ["HTTP", "HTTPS"] : ["HTTP"], coalesce(try(var.test_listener.protocol, null), "HTTP"))
    error_message = "The protocol of the test listener must be HTTPS or HTTP, and HTTP with https = false, because there is no certificate then."
  }

  validation {
    condition     = var.test_listener == null || alltrue([for block in try(var.test_listener.cidr_blocks, []) : can(cidrnetmask(block)) && try(cidrsubnet(block, 0, 0) == block, false)])
    error_message = "Every range that may use the test listener must be an IPv4 range such as 10.0.0.0/8, written with its first address: AWS keeps it that way, and any other spelling would differ in every plan."
  }

  validation {
    condition     = var.test_listener == null || length(distinct(try(var.test_listener.cidr_blocks, []))) == length(try(var.test_listener.cidr_blocks, []))
    error_message = "Each range that may use the test listener must be named once, because AWS refuses a rule that is already there."
  }
}

variable "services" {
  type        = any
  description = "Services behind the load balancer, by name: a map of objects with the settings that the README explains. A name that is none of them is an error."
  default     = {}
}

variable "idle_timeout" {
  type        = number
  description = "Seconds after which an idle connection is closed."
  default     = 60

  validation {
    condition     = var.idle_timeout >= 1 && var.idle_timeout <= 4000
    error_message = "The idle timeout must be 1 to 4000 seconds."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether AWS refuses to delete the load balancer, also for Terraform."
  default     = false
}

variable "access_logs" {
  type = object({
    bucket = string
    prefix = optional(string)
  })
  description = "Access logs to an S3 bucket in the same region, whose policy allows load balancers to write. null means none."
  default     = null

  validation {
    condition     = var.access_logs == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.access_logs.bucket))
    error_message = "The bucket of the access logs must be the name of a bucket, not its ARN."
  }

  validation {
    condition     = try(var.access_logs.prefix, null) == null || try(length(var.access_logs.prefix) > 0 && !startswith(var.access_logs.prefix, "/") && !endswith(var.access_logs.prefix, "/") && !strcontains(var.access_logs.prefix, "AWSLogs"), false)
    error_message = "The prefix of the access logs must neither be empty nor begin or end with a slash, nor contain AWSLogs, the folder that AWS makes below it."
  }
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
