# Small and quick: one task in one zone, on Fargate Spot; new versions get all traffic at once.
environment     = "dev"
account_id      = "123456789012"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-00000000000d"

cidr_block           = "10.10.0.0/16"
zones                = 1
nat_gateways         = "one"
min_capacity         = 1
max_capacity         = 2
fargate_spot_percent = 100
