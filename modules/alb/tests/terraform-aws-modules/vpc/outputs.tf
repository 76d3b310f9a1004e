# Stands in for terraform-aws-modules/vpc/aws with two zones: its outputs of these names and types.

output "vpc_id" {
  value = "vpc-0a1b2c3d4e5f67890"
}

output "vpc_cidr_block" {
  value = "10.0.0.0/16"
}

output "azs" {
  value = tolist(["eu-west-1a", "eu-west-1b"])
}

output "public_subnets" {
  value = tolist(["subnet-0a1b2c3d4e5f67891", "subnet-0a1b2c3d4e5f67892"])
}

output "private_subnets" {
  value = tolist(["subnet-0a1b2c3d4e5f67893", "subnet-0a1b2c3d4e5f67894"])
}

output "private_subnets_cidr_blocks" {
  value = tolist(["10.0.0.0/20", "10.0.16.0/20"])
}
