# The rules of a listener. Requires Terraform 1.14.
list "switchyard_listener_rule" "https" {
  provider = switchyard

  config {
    listener_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1234567890abcdef/1234567890abcdef"]
  }
}
