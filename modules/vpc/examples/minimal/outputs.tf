output "app_subnet_ids" {
  description = "Subnets for tasks."
  value       = module.vpc.app_subnet_ids
}
