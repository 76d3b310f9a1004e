# Outputs as terraform-aws-modules/alb/aws names them.

output "security_group_id" {
  value = "sg-0a1b2c3d"
}

output "target_groups" {
  value = {
    for side in ["web-a", "web-b"] : side => {
      arn  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${side}/1"
      name = side
    }
  }
}

output "listener_rules" {
  value = {
    "https/web" = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/2/3" }
    "test/web"  = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/1/4/5" }
  }
}
