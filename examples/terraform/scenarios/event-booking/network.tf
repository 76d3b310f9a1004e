module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b", "${var.region}c"]
  nat_gateways       = "per_zone"
  flow_logs          = null
}

module "alb" {
  source = "../../../../modules/alb"

  name               = var.name
  vpc_id             = module.vpc.vpc_id
  subnet_ids         = module.vpc.public_subnet_ids
  target_cidr_blocks = module.vpc.app_subnet_cidr_blocks
  certificate_arn    = var.certificate_arn

  # Where a new version responds first: for the smoke tests only.
  test_listener = { port = 8080, protocol = "HTTP", cidr_blocks = var.tester_cidr_blocks }

  services = {
    for name, service in local.services : name => {
      port          = 8080
      priority      = service.priority
      path_patterns = ["/api/${service.path}/*"]
      health_check  = { path = "/actuator/health" }
    }
  }
}

# --- For the database and the cache, which only the tasks reach ---

resource "aws_security_group" "data" {
  for_each = { database = 5432, cache = 6379 }

  name        = "${var.name}-${each.key}"
  description = "The ${each.key} of ${var.name}."
  vpc_id      = module.vpc.vpc_id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "data" {
  for_each = { database = 5432, cache = 6379 }

  security_group_id            = aws_security_group.data[each.key].id
  referenced_security_group_id = module.ecs.task_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}
