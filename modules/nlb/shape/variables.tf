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
    port                   = number
    old_ports              = optional(list(number), [])
    listener_port          = number
    test_listener_port     = optional(number)
    protocol               = optional(string, "TCP")
    certificate_arn        = optional(string)
    ssl_policy             = optional(string, "ELBSecurityPolicy-TLS13-1-2-2021-06")
    deregistration_delay   = optional(number, 30)
    connection_termination = optional(bool)
    preserve_client_ip     = optional(bool)
    proxy_protocol_v2      = optional(bool, false)
    health_check = optional(object({
      protocol            = optional(string, "TCP")
      path                = optional(string)
      port                = optional(number)
      matcher             = optional(string)
      interval            = optional(number, 10)
      timeout             = optional(number)
      healthy_threshold   = optional(number, 2)
      unhealthy_threshold = optional(number, 2)
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
    condition     = alltrue(flatten([for service in var.services : [for port in concat([service.port, service.listener_port], service.old_ports, service.test_listener_port[*], service.health_check.port[*]) : port >= 1 && port <= 65535 && floor(port) == port]]))
    error_message = "The ports of a service must be whole numbers from 1 to 65535."
  }

  validation {
    condition = alltrue([for ports in [flatten([for service in var.services : concat([service.listener_port], service.test_listener_port[*])])] :
      length(distinct(ports)) == length(ports)
    ])
    error_message = "Every listener needs a port of its own, because a Network Load Balancer has no rules that could tell services apart."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["TCP", "UDP", "TCP_UDP", "TLS"], service.protocol)])
    error_message = "The protocol of a listener is TCP, UDP, TCP_UDP or TLS."
  }

  validation {
    condition     = !anytrue([for service in var.services : service.protocol != "TLS" && service.certificate_arn != null]) && alltrue([for service in var.services : can(regex("^arn:aws[a-z-]*:(acm|iam):", service.certificate_arn)) if service.protocol == "TLS"])
    error_message = "A listener with the protocol TLS needs certificate_arn, the ARN of a certificate in ACM; the others have none."
  }

  validation {
    condition     = alltrue([for service in var.services : service.deregistration_delay >= 0 && service.deregistration_delay <= 3600])
    error_message = "The deregistration delay must be 0 to 3600 seconds."
  }

  validation {
    condition     = alltrue([for service in var.services : contains(["TCP", "HTTP", "HTTPS"], service.health_check.protocol)])
    error_message = "The protocol of a health check is TCP, HTTP or HTTPS, also for UDP: tasks answer it on a port of TCP."
  }

  validation {
    condition     = !anytrue([for service in var.services : service.health_check.protocol == "TCP" && (service.health_check.path != null || service.health_check.matcher != null)])
    error_message = "A health check with the protocol TCP only connects: it has no path and no matcher. Set its protocol to HTTP."
  }

  validation {
    condition     = alltrue([for service in var.services : service.health_check.interval >= 5 && service.health_check.interval <= 300])
    error_message = "The interval of a health check must be 5 to 300 seconds."
  }
}
