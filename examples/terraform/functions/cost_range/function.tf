# Three to twenty tasks of half a vCPU and 1 GB. Requires Terraform 1.8 or OpenTofu 1.7.
output "cost_per_month" {
  value = provider::switchyard::cost_range(provider::switchyard::fargate_size(512, 1024), 3, 20, null, null)
}
