# Three zones without a NAT gateway: tasks reach the AWS services they need through endpoints, and nothing else. The
# ranges are those of a plan of the whole company, and databases are behind a network ACL.
module "vpc" {
  source = "../.."

  name               = "vpc-complete"
  cidr_block         = "10.40.0.0/16"
  availability_zones = [for zone in ["a", "b", "c"] : "${var.region}${zone}"]

  subnet_cidr_blocks = {
    app      = ["10.40.0.0/19", "10.40.32.0/19", "10.40.64.0/19"]
    public   = ["10.40.96.0/24", "10.40.97.0/24", "10.40.98.0/24"]
    database = ["10.40.100.0/24", "10.40.101.0/24", "10.40.102.0/24"]
  }

  nat_gateways        = "none"
  interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  dynamodb_endpoint   = true

  # PostgreSQL and Redis; nothing else enters or leaves the database subnets.
  database_ports               = [5432, 6379]
  create_database_subnet_group = true

  flow_logs = {
    traffic_type         = "REJECT"
    aggregation_interval = 60
    retention_days       = 90
  }

  tags            = { Environment = "vpc-complete" }
  app_subnet_tags = { Tier = "app" }
}

# The outputs have the names of terraform-aws-modules/vpc/aws as well (vpc_id, public_subnets, private_subnets,
# database_subnets), so that what was written for that module takes this one, and the other way round.
resource "aws_elasticache_subnet_group" "main" {
  name       = "vpc-complete"
  subnet_ids = module.vpc.database_subnets

  tags = { Environment = "vpc-complete" }
}
