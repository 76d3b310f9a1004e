import {
  to = switchyard_listener_rule.checkout
  id = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/shop/0a1b2c3d4e5f6789/0123456789abcdef/fedcba9876543210"
}
