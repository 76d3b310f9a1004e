output "vpc_id" {
  description = "The VPC."
  value       = module.vpc.vpc_id
}

output "public_subnet_ids" {
  description = "Subnets for load balancers."
  value       = module.vpc.public_subnet_ids
}

output "app_subnet_ids" {
  description = "Subnets for tasks."
  value       = module.vpc.app_subnet_ids
}

output "database_subnet_group" {
  description = "Where databases go."
  value       = module.vpc.database_subnet_group
}
