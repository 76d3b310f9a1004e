# A shop in one region with a page in a second one that says sorry, mail elsewhere, and a certificate.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-west-1"
}

# With the alb module: { dns_name = module.alb.dns_name, zone_id = module.alb.zone_id }.
variable "places" {
  type        = map(object({ dns_name = string, zone_id = string }))
  description = "Load balancers of two regions."
  default = {
    ireland   = { dns_name = "shop-1.eu-west-1.elb.amazonaws.com", zone_id = "Z32O12XQLNTSW2" }
    frankfurt = { dns_name = "shop-2.eu-central-1.elb.amazonaws.com", zone_id = "Z215JYRZR1TBD5" }
  }
}

module "dns" {
  source = "../.."

  zone_name         = "example.com"
  certificate_names = ["example.com", "*.example.com"]

  aliases      = { admin = var.places.ireland }
  ipv6_aliases = ["admin"]

  failover = {
    "@" = { primary = var.places.ireland, secondary = var.places.frankfurt, path = "/health" }
  }
  health_check = { interval = 10, failures = 2 }

  records = {
    "MX @"       = ["10 mail1.example.net", "20 mail2.example.net"]
    "TXT _dmarc" = ["v=DMARC1; p=reject"]
    "CNAME docs" = ["docs.example.net"]
    "CAA @"      = ["0 issue \"amazon.com\""]
  }

  tags = { Environment = "production" }
}

output "certificate_arn" {
  description = "For the load balancer."
  value       = module.dns.certificate_arn
}
