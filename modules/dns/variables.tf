variable "zone_name" {
  type        = string
  description = "Domain of the hosted zone, such as example.com."

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.zone_name))
    error_message = "The zone must be a domain in lower case without a dot at its end, such as example.com."
  }
}

variable "create" {
  type        = bool
  description = "Create anything at all; with `false` the module creates nothing, and its outputs are null or empty."
  default     = true
}

variable "create_zone" {
  type        = bool
  description = "Whether the hosted zone is created. With `false` the public zone of that name in this account is used."
  default     = true
}

variable "aliases" {
  type        = map(object({ dns_name = string, zone_id = string }))
  description = "Names that lead to load balancers or distributions: dns_name and zone_id are outputs of the alb and edge modules. A key is the part before the domain, such as www; @ is the domain itself."
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.aliases) : can(regex("^(@|(\\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*)$", name))])
    error_message = "A name must be the part before the domain in lower case, such as www or api.eu, or @ for the domain itself."
  }
}

variable "ipv6_aliases" {
  type        = list(string)
  description = "Which of the aliases have IPv6 addresses too: load balancers that are dualstack, and distributions."
  default     = []

  validation {
    condition     = length(setsubtract(var.ipv6_aliases, keys(var.aliases))) == 0
    error_message = "There is no alias ${join(", ", setsubtract(var.ipv6_aliases, keys(var.aliases)))}."
  }
}

variable "failover" {
  type = map(object({
    primary   = object({ dns_name = string, zone_id = string })
    secondary = object({ dns_name = string, zone_id = string })
    path      = string
  }))
  description = "Names with two places, in two regions for example: the primary answers as long as its path does over HTTPS, then the secondary. Keys are as in aliases."
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.failover), keys(var.aliases))) == 0
    error_message = "A name is either in aliases or in failover: ${join(", ", setintersection(keys(var.failover), keys(var.aliases)))} is in both."
  }

  validation {
    condition     = alltrue([for name, it in var.failover : can(regex("^(@|(\\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*)$", name)) && startswith(it.path, "/")])
    error_message = "A name must be the part before the domain in lower case, or @ for the domain itself, and its path begin with a slash."
  }
}

variable "health_check" {
  type        = object({ interval = number, failures = number })
  description = "Seconds between checks of a primary place (10 or 30), and how many fail in a row before the secondary answers."
  default     = { interval = 30, failures = 3 }

  validation {
    condition     = contains([10, 30], var.health_check.interval) && var.health_check.failures >= 1 && var.health_check.failures <= 10 && floor(var.health_check.failures) == var.health_check.failures
    error_message = "The interval must be 10 or 30 seconds, and the number of failures 1 to 10, as Route 53 demands."
  }
}

variable "records" {
  type        = map(list(string))
  description = "Other records. A key is the type and the part before the domain, such as \"CNAME docs\", \"MX @\" or \"TXT _dmarc\"."
  default     = {}

  validation {
    condition     = alltrue([for key, values in var.records : can(regex("^(A|AAAA|CAA|CNAME|MX|NS|SRV|TXT) (@|(\\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*)$", key)) && length(values) >= 1])
    error_message = "A key must be a type (A, AAAA, CAA, CNAME, MX, NS, SRV or TXT), a space and the part before the domain, or @ for the domain itself; and each needs a value."
  }

  validation {
    condition     = !contains(keys(var.records), "CNAME @") && !contains(keys(var.records), "NS @")
    error_message = "The domain itself takes no CNAME: use an alias. Its NS records belong to Route 53."
  }
}

variable "ttl" {
  type        = number
  description = "Seconds for which others may keep the records."
  default     = 300

  validation {
    condition     = var.ttl >= 1 && var.ttl <= 172800 && floor(var.ttl) == var.ttl
    error_message = "The time must be 1 to 172800 whole seconds."
  }
}

variable "certificate_names" {
  type        = list(string)
  description = "Host names of a certificate in ACM, in the provider's region, validated by records of the zone. Empty means no certificate."
  default     = []

  validation {
    condition     = alltrue([for name in var.certificate_names : trimprefix(name, "*.") == var.zone_name || endswith(name, ".${var.zone_name}")]) && length(distinct(var.certificate_names)) == length(var.certificate_names)
    error_message = "Every name must be in the zone, because records of the zone validate the certificate, and be named once."
  }

  validation {
    condition     = length(var.certificate_names) <= 10
    error_message = "ACM takes 10 names unless your quota is higher; use a wildcard such as *.example.com."
  }
}

variable "wait_for_certificate" {
  type        = bool
  description = "Whether the apply waits until ACM has validated the certificate. It never does before the domain is delegated to the zone: turn it off for the first apply of a new zone."
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
    condition     = length(var.tags) <= 49
    error_message = "At most 49 tags can be given: AWS allows 50 on a resource, and the module adds one of its own."
  }
}
