# Like production, smaller: the same steps, each watched for a shorter time.
environment     = "staging"
account_id      = "123456789012"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-00000000000e"

cidr_block   = "10.20.0.0/16"
zones        = 2
nat_gateways = "one"
min_capacity = 2
max_capacity = 4

data = { instance_class = "db.t4g.micro", cache_node_type = "cache.t4g.micro", standby = false }

traffic_steps = [
  { percent = 10, hold = "2m" },
  { percent = 50, hold = "2m" },
  { percent = 100, hold = "5m" },
]
