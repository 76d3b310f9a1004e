module "vpc" {
  source = "../../../vpc"

  name               = var.name
  availability_zones = ["${var.region}a", "${var.region}b"]
  nat_gateways       = "one"

  tags = { Environment = var.name }
}

# With terraform-aws-modules/vpc/aws instead, the arguments are module.vpc.vpc_id, module.vpc.public_subnets and, for
# target_cidr_blocks, module.vpc.private_subnets_cidr_blocks.
module "alb" {
  source = "../.."

  name               = var.name
  vpc_id             = module.vpc.vpc_id
  subnet_ids         = module.vpc.public_subnet_ids
  target_cidr_blocks = module.vpc.app_subnet_cidr_blocks
  certificate_arn    = var.certificate_arn
  access_logs        = var.access_logs

  # Gates ask the new revision here before anybody else does.
  test_listener = {
    port        = 8443
    cidr_blocks = var.tester_cidr_blocks
  }

  # Asked in the order of their priorities: the API by its host, three services by their paths, then the shop for
  # everything else.
  services = {
    api = {
      port         = 8080
      priority     = 10
      host_headers = ["api.example.com"]
    }
    checkout = {
      port          = 8081
      priority      = 20
      path_patterns = ["/checkout", "/checkout/*"]

      # Payments in progress may take a minute.
      deregistration_delay = 60
    }
    search = {
      port          = 8082
      priority      = 30
      path_patterns = ["/search"]
      host_headers  = ["shop.example.com", "*.shop.example.com"]

      health_check = {
        path              = "/health/live"
        matcher           = "200-299"
        interval          = 10
        timeout           = 3
        healthy_threshold = 3
      }
    }
    stock = {
      port             = 50051
      priority         = 40
      path_patterns    = ["/stock.Stock/*"]
      protocol_version = "GRPC"
    }
    shop = {
      port          = 3000
      priority      = 50000
      path_patterns = ["/*"]

      # A visitor stays with the task that has the cart in memory, and a new task warms up for a minute.
      stickiness = { cookie_duration = 3600 }
      slow_start = 60
    }
  }

  tags = { Environment = var.name }
}
