# Outputs as terraform-aws-modules/alb/aws names them.

output "target_groups" {
  value = {
    for side in ["web-a", "web-b"] : side => {
      arn  = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${side}/1"
      name = side
    }
  }
}

output "listeners" {
  value = {
    https = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2" }
    test  = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/4" }
  }
}
