module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"

  # A second wall around the data: PostgreSQL and Redis, from the tasks only.
  database_ports = [5432, 6379]
}

module "alb" {
  source = "../../../../modules/alb"

  name                      = var.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.public_subnet_ids
  certificate_arn           = module.dns.certificate_arn
  target_security_group_ids = [module.ecs.task_security_group_id]

  # Where the gates reach the new version before users do.
  test_listener = { port = 8080, protocol = "HTTP", cidr_blocks = var.tester_cidr_blocks }

  services = {
    api = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }
}

module "dns" {
  source = "../../../../modules/dns"

  zone_name         = var.domain
  certificate_names = ["cases.${var.domain}"]
  aliases           = { cases = { dns_name = module.alb.dns_name, zone_id = module.alb.zone_id } }
}

module "waf" {
  source = "../../../../modules/waf"

  name          = var.name
  resource_arns = [module.alb.arn]
  rate_limits   = { "/api/v1/auth" = 100 }
}
