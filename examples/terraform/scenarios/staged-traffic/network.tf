locals {
  name = "${var.name}-${var.environment}"
}

# A load balancer needs two zones, even if tasks run in one.
module "vpc" {
  source = "../../../../modules/vpc"

  name               = local.name
  cidr_block         = var.cidr_block
  availability_zones = [for zone in slice(["a", "b", "c"], 0, max(var.zones, 2)) : "${var.region}${zone}"]
  nat_gateways       = var.nat_gateways
  flow_logs          = var.environment == "prod" ? {} : null

  tags = { Environment = var.environment }
}

module "alb" {
  source = "../../../../modules/alb"

  name            = local.name
  vpc_id          = module.vpc.vpc_id
  subnet_ids      = module.vpc.public_subnet_ids
  certificate_arn = var.certificate_arn

  # It reaches the tasks and nothing else.
  target_security_group_ids = [module.ecs.task_security_group_id]

  # The new version responds here before it gets any traffic.
  test_listener = { port = 8080, protocol = "HTTP", cidr_blocks = var.tester_cidr_blocks }

  services = {
    app = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }

  tags = { Environment = var.environment }
}
