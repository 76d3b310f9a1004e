module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"
  flow_logs          = null
}

module "alb" {
  source = "../../../../modules/alb"

  name            = var.name
  vpc_id          = module.vpc.vpc_id
  subnet_ids      = module.vpc.public_subnet_ids
  certificate_arn = var.certificate_arn

  services = {
    web = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }
}
