variable "region" {
  type        = string
  description = "AWS region."
  default     = "eu-west-1"
}

variable "vpc_id" {
  type        = string
  description = "VPC of the load balancer."
}

variable "subnet_ids" {
  type        = list(string)
  description = "Public subnets in two zones."
}

variable "certificate_arn" {
  type        = string
  description = "Certificate in ACM."
}
