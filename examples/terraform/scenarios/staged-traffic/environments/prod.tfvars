# Three zones, each with its own NAT gateway.
environment     = "prod"
account_id      = "123456789012"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/5f0c5a3e-0000-4000-8000-00000000000f"

cidr_block   = "10.30.0.0/16"
zones        = 3
nat_gateways = "per_zone"
min_capacity = 3
max_capacity = 12

data = { instance_class = "db.m7g.large", cache_node_type = "cache.m7g.large", standby = true }

# 10 percent of the traffic for 5 minutes, 50 percent for 10, then 100 percent for 15 while the old version still runs.
traffic_steps = [
  { percent = 10, hold = "5m" },
  { percent = 50, hold = "10m" },
  { percent = 100, hold = "15m" },
]
