variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "name" {
  type        = string
  description = "Name of everything."
  default     = "complete"
}

variable "certificate_arn" {
  type        = string
  description = "Certificate in ACM for the hosts of all services."
}

variable "tester_cidr_blocks" {
  type        = list(string)
  description = "Addresses that may use the test listener; the machine that runs Terraform must be one of them when gates ask it."
  default     = ["10.0.0.0/8"]
}

variable "access_logs" {
  type = object({
    bucket = string
    prefix = optional(string)
  })
  description = "Bucket for access logs; null means none."
  default     = null
}
