module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"
  flow_logs          = null
}

# For development: HTTP, without a certificate.
module "alb" {
  source = "../../../../modules/alb"

  name          = var.name
  vpc_id        = module.vpc.vpc_id
  subnet_ids    = module.vpc.public_subnet_ids
  https         = false
  test_listener = null

  services = {
    search = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }
}
