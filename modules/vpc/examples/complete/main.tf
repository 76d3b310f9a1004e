# Three zones without a NAT gateway: tasks reach the AWS services they need through endpoints, and nothing else.
module "vpc" {
  source = "../.."

  name               = "vpc-complete"
  cidr_block         = "10.40.0.0/16"
  availability_zones = [for zone in ["a", "b", "c"] : "${var.region}${zone}"]

  nat_gateways        = "none"
  interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]

  flow_logs = {
    traffic_type         = "REJECT"
    aggregation_interval = 60
    retention_days       = 90
  }

  tags = { Environment = "vpc-complete" }
}

# The outputs have the names of terraform-aws-modules/vpc/aws as well (vpc_id, public_subnets, private_subnets,
# database_subnets), so that what was written for that module takes this one, and the other way round.
resource "aws_db_subnet_group" "main" {
  name       = "vpc-complete"
  subnet_ids = module.vpc.database_subnets

  tags = { Environment = "vpc-complete" }
}
