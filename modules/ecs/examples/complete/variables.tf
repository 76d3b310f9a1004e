variable "vpc_id" {
  type        = string
  description = "VPC of the tasks."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets of the tasks."
}

variable "load_balancer" {
  type = object({
    security_group_id  = string
    https_listener_arn = string
    test_listener_arn  = string
    services = map(object({
      target_group_arns   = list(string)
      target_group_names  = list(string)
      production_rule_arn = string
      test_rule_arn       = optional(string)
    }))
  })
  description = "The load balancer, as the outputs of the alb module describe it."
}

variable "database_secret_arn" {
  type        = string
  description = "ARN of the secret that holds the database's password."
}
