# 300 CPU units and 700 MiB need 512 CPU units and 1024 MiB. Requires Terraform 1.8 or OpenTofu 1.7.
locals {
  size = provider::switchyard::fargate_size(300, 700)
}

output "cpu" {
  value = local.size.cpu
}
