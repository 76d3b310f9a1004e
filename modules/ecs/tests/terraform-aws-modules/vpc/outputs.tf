# Outputs as terraform-aws-modules/vpc/aws names them.

output "vpc_id" {
  value = "vpc-0a1b2c3d"
}

output "private_subnets" {
  value = ["subnet-0a", "subnet-0b"]
}
