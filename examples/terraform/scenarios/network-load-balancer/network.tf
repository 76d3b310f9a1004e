module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"
  flow_logs          = null
}

# Clients keep their connections open, so a task that leaves gets two minutes, and its connections are closed then.
module "nlb" {
  source = "../../../../modules/nlb"

  name               = var.name
  vpc_id             = module.vpc.vpc_id
  subnet_ids         = module.vpc.public_subnet_ids
  target_cidr_blocks = module.vpc.app_subnet_cidr_blocks

  services = {
    broker = {
      port                   = 1883
      listener_port          = 1883
      test_listener_port     = 11883
      deregistration_delay   = 120
      connection_termination = true
    }
  }
}
