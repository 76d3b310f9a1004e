# The settings of a service, their types and defaults. Terraform silently drops names that are not in here, so that the
# module itself takes any, and outputs.tf compares.

variable "name" {
  type        = string
  description = "Name of the load balancer, with which the names of target groups begin."
}

variable "written" {
  type        = any
  description = "The services as they are written, with the names that Terraform drops."
  default     = null
}

variable "services" {
  type = map(object({
    port                 = number
    old_ports            = optional(list(number), [])
    priority             = number
    path_patterns        = optional(list(string), [])
    host_headers         = optional(list(string), [])
    deregistration_delay = optional(number, 30)
    health_check = optional(object({
      path                = optional(string, "/health")
      port                = optional(number)
      matcher             = optional(string, "200")
      interval            = optional(number, 15)
      timeout             = optional(number, 5)
      healthy_threshold   = optional(number, 2)
      unhealthy_threshold = optional(number, 3)
    }), {})
  }))
  description = "Services behind the load balancer, by name. Each has the port of its container, old_ports (ports of earlier revisions that may still serve), the priority of its rules (lower ones are evaluated first), path_patterns and host_headers that lead to it, deregistration_delay in seconds, and a health_check: path, port (defaults to the task's own), matcher, interval, timeout, healthy_threshold, unhealthy_threshold."
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.services) : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", name))])
    error_message = "The name of a service must have lowercase letters, digits and hyphens, and neither begin nor end with a hyphen."
  }

  validation {
    condition     = alltrue([for name in keys(var.services) : length("${var.name}-${name}-a") <= 32])
    error_message = "The names of the load balancer and of a service together must have at most 29 characters: target groups are called NAME-SERVICE-a and NAME-SERVICE-b, and AWS allows 32."
  }

  validation {
    condition     = length(var.services) <= 50
    error_message = "A load balancer takes 100 target groups, which are the pairs of 50 services; put the others behind a second one."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for port in concat([service.port], service.old_ports) : port >= 1 && port <= 65535 && floor(port) == port]]))
    error_message = "The ports of a service must be whole numbers from 1 to 65535."
  }

  validation {
    condition     = alltrue([for service in var.services : service.priority >= 1 && service.priority <= 50000 && floor(service.priority) == service.priority])
    error_message = "The priority of a service must be a whole number from 1 to 50000."
  }

  validation {
    condition     = length(distinct([for service in var.services : service.priority])) == length(var.services)
    error_message = "Every service needs a priority of its own, because AWS takes each only once on a listener."
  }

  validation {
    condition     = alltrue([for service in var.services : length(service.path_patterns) + length(service.host_headers) >= 1])
    error_message = "Every service needs a path pattern or a host header; [\"/*\"] with the last priority takes everything that no other service takes."
  }

  validation {
    condition     = alltrue([for service in var.services : length(service.path_patterns) + length(service.host_headers) <= 5])
    error_message = "A service can have at most five path patterns and host headers together, because AWS takes five values in the conditions of a rule."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for pattern in service.path_patterns : can(regex("^[/*][A-Za-z0-9_.$/~\"'@:+&*?-]*$", pattern)) && length(pattern) <= 128]]))
    error_message = "A path pattern must begin with / or *, have at most 128 characters, and consist of letters, digits, the wildcards * and ?, and _ - . $ / ~ \" ' @ : + &."
  }

  validation {
    condition     = alltrue(flatten([for service in var.services : [for host in service.host_headers : can(regex("^[A-Za-z0-9.*?-]+\\.[A-Za-z0-9.*?-]+$", host)) && length(host) <= 128]]))
    error_message = "A host header must be a name with at least one dot and at most 128 characters, such as shop.example.com or *.example.com."
  }

  validation {
    condition     = alltrue([for service in var.services : service.deregistration_delay >= 0 && service.deregistration_delay <= 3600])
    error_message = "The deregistration delay must be 0 to 3600 seconds."
  }

  validation {
    condition     = alltrue([for service in var.services : startswith(service.health_check.path, "/") && length(service.health_check.path) <= 1024])
    error_message = "The path of a health check must begin with / and have at most 1024 characters."
  }

  validation {
    condition     = alltrue([for service in var.services : service.health_check.port == null || try(service.health_check.port >= 1 && service.health_check.port <= 65535 && floor(service.health_check.port) == service.health_check.port, false)])
    error_message = "The port of a health check must be a whole number from 1 to 65535, or left out for the port of the task."
  }

  validation {
    condition     = alltrue([for service in var.services : can(regex("^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$", service.health_check.matcher))])
    error_message = "The matcher of a health check must be status codes from 200 to 499, as a list such as 200,204 or a range such as 200-299."
  }

  validation {
    condition     = alltrue([for service in var.services : service.health_check.interval >= 5 && service.health_check.interval <= 300])
    error_message = "The interval of a health check must be 5 to 300 seconds."
  }

  validation {
    condition     = alltrue([for service in var.services : service.health_check.timeout >= 2 && service.health_check.timeout <= 120])
    error_message = "The timeout of a health check must be 2 to 120 seconds."
  }

  validation {
    condition     = alltrue([for service in var.services : service.health_check.timeout < service.health_check.interval])
    error_message = "The timeout of a health check must be shorter than its interval."
  }

  validation {
    condition     = alltrue([for service in var.services : alltrue([for threshold in [service.health_check.healthy_threshold, service.health_check.unhealthy_threshold] : threshold >= 2 && threshold <= 10 && floor(threshold) == threshold])])
    error_message = "The thresholds of a health check must be whole numbers from 2 to 10."
  }
}
