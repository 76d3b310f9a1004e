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
    port          = number
    old_ports     = optional(list(number), [])
    priority      = number
    path_patterns = optional(list(string), [])
    host_headers  = optional(list(string), [])

    conditions = optional(list(object({
      host_header         = optional(object({ values = optional(list(string)), regex_values = optional(list(string)) }))
      path_pattern        = optional(object({ values = optional(list(string)), regex_values = optional(list(string)) }))
      http_header         = optional(object({ http_header_name = string, values = optional(list(string)), regex_values = optional(list(string)) }))
      http_request_method = optional(object({ values = list(string) }))
      query_string        = optional(list(object({ key = optional(string), value = string })), [])
      source_ip           = optional(object({ values = list(string) }))
    })), [])

    protocol                      = optional(string, "HTTP")
    protocol_version              = optional(string)
    deregistration_delay          = optional(number, 30)
    slow_start                    = optional(number)
    load_balancing_algorithm_type = optional(string)
    side_stickiness               = optional(string)
    stickiness = optional(object({
      type            = optional(string, "lb_cookie")
      cookie_duration = optional(number)
      cookie_name     = optional(string)
    }))
    health_check = optional(object({
      path                = optional(string, "/health")
      port                = optional(number)
      matcher             = optional(string)
      interval            = optional(number, 15)
      timeout             = optional(number, 5)
      healthy_threshold   = optional(number, 2)
      unhealthy_threshold = optional(number, 3)
    }), {})
  }))
  description = "The services, by name, with the settings that exist and their defaults."
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
    condition     = alltrue([for service in var.services : length(service.path_patterns) + length(service.host_headers) + length(service.conditions) >= 1])
    error_message = "Every service needs a path pattern, a host header or another condition; [\"/*\"] with the last priority takes everything that no other service takes."
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
    condition = alltrue(flatten([for service in var.services : [for condition in service.conditions :
      length([for part in [condition.host_header, condition.path_pattern, condition.http_header, condition.http_request_method, condition.source_ip] : part if part != null]) + (length(condition.query_string) > 0 ? 1 : 0) == 1
    ]]))
    error_message = "An element of conditions has exactly one of host_header, path_pattern, http_header, http_request_method, query_string and source_ip; a request must meet all elements."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["HTTP", "HTTPS"], service.protocol)])
    error_message = "The protocol between load balancer and tasks is HTTP or HTTPS."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["HTTP1", "HTTP2", "GRPC"], service.protocol_version) if service.protocol_version != null])
    error_message = "The protocol version between load balancer and tasks is HTTP1, HTTP2 or GRPC."
  }

  validation {
    condition     = alltrue([for service in var.services : service.slow_start == 0 || (service.slow_start >= 30 && service.slow_start <= 900) if service.slow_start != null])
    error_message = "slow_start is 30 to 900 seconds, or 0 for none."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["round_robin", "least_outstanding_requests", "weighted_random"], service.load_balancing_algorithm_type) if service.load_balancing_algorithm_type != null])
    error_message = "load_balancing_algorithm_type is round_robin, least_outstanding_requests or weighted_random."
  }

  validation {
    condition     = !anytrue([for service in var.services : service.load_balancing_algorithm_type != null && service.load_balancing_algorithm_type != "round_robin" && coalesce(service.slow_start, 0) > 0])
    error_message = "slow_start is only possible with round_robin."
  }

  validation {
    condition     = alltrue([for service in var.services : service.stickiness.type == "lb_cookie" || (service.stickiness.type == "app_cookie" && service.stickiness.cookie_name != null) if service.stickiness != null])
    error_message = "Stickiness has the type lb_cookie, or app_cookie with cookie_name, the cookie of the application."
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
    condition     = alltrue([for service in var.services : can(regex(service.protocol_version == "GRPC" ? "^[0-9]{1,2}([,-][0-9]{1,2})*$" : "^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$", service.health_check.matcher)) if service.health_check.matcher != null])
    error_message = "The matcher of a health check must be status codes from 200 to 499, as a list such as 200,204 or a range such as 200-299; with GRPC it is codes of gRPC from 0 to 99."
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
