module "vpc" {
  source = "../../../../modules/vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"
  flow_logs          = null
}

module "alb" {
  source = "../../../../modules/alb"

  name                      = var.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.public_subnet_ids
  certificate_arn           = var.certificate_arn
  target_security_group_ids = [aws_security_group.tasks.id]

  # Where the smoke test reaches the new version before users do.
  test_listener = { port = 8080, protocol = "HTTP", cidr_blocks = var.tester_cidr_blocks }

  services = {
    api = { port = 8080, priority = 100, path_patterns = ["/*"] }
  }
}

resource "aws_security_group" "tasks" {
  name        = "${var.name}-tasks"
  description = "Tasks of ${var.name}."
  vpc_id      = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  referenced_security_group_id = module.alb.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  security_group_id = aws_security_group.tasks.id
  description       = "Image registry, logs, and what the service uses"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
