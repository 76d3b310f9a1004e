variable "listener_arns" {
  type        = object({ production = string, test = string })
  description = "Listeners of the load balancer."
}

variable "target_group_names" {
  type        = map(list(string))
  description = "The two target groups of each service."
}

variable "load_balancer_arn_suffix" {
  type        = string
  description = "Load balancer as CloudWatch calls it."
}

variable "role_arns" {
  type        = list(string)
  description = "Execution and task roles of the services."
}

variable "check_function_arn" {
  type        = string
  description = "Lambda function that tries the new tasks at the test listener."
}

variable "topic_arn" {
  type        = string
  description = "SNS topic that hears of failures."
}
