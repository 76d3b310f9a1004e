# Stands in for terraform-aws-modules/security-group/aws: its output of this name.

output "security_group_id" {
  value = "sg-0a1b2c3d4e5f67890"
}
