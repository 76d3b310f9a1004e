# What is planned, without AWS.

mock_provider "aws" {
  mock_resource "aws_route53_zone" {
    defaults = { zone_id = "Z0NEW", name_servers = ["ns-1.example.net"] }
  }

  mock_data "aws_route53_zone" {
    defaults = { zone_id = "Z0OLD" }
  }

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
      domain_validation_options = [
        { domain_name = "example.com", resource_record_name = "_x.example.com", resource_record_type = "CNAME", resource_record_value = "_y.acm" },
        { domain_name = "*.example.com", resource_record_name = "_x.example.com", resource_record_type = "CNAME", resource_record_value = "_y.acm" },
      ]
    }
  }
}

variables {
  zone_name = "example.com"
}

run "names_lead_to_their_targets" {
  variables {
    aliases = {
      "@" = { dns_name = "shop.elb.amazonaws.com", zone_id = "Z1" }
      www = { dns_name = "shop.elb.amazonaws.com", zone_id = "Z1" }
    }
    ipv6_aliases = ["www"]
  }

  assert {
    condition     = { for key, record in aws_route53_record.alias : key => record.name } == { "A @" = "example.com", "A www" = "www.example.com", "AAAA www" = "www.example.com" }
    error_message = "The domain itself, and a name with two kinds of addresses."
  }

  assert {
    condition     = alltrue([for record in aws_route53_record.alias : record.zone_id == "Z0NEW"]) && output.name_servers == ["ns-1.example.net"]
    error_message = "They are in the zone that is created."
  }
}

run "a_zone_that_is_there_is_used" {
  variables {
    create_zone = false
    records     = { "TXT _dmarc" = ["v=DMARC1; p=reject"], "MX @" = ["10 mail.example.net"] }
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && output.zone_id == "Z0OLD" && length(output.name_servers) == 0
    error_message = "None is created."
  }

  assert {
    condition     = { for key, record in aws_route53_record.this : record.name => "${record.type} ${record.ttl}" } == { "_dmarc.example.com" = "TXT 300", "example.com" = "MX 300" }
    error_message = "A record is called by its type and name."
  }
}

run "the_second_place_answers_when_the_first_fails" {
  variables {
    failover = { "@" = { primary = { dns_name = "a.elb.amazonaws.com", zone_id = "Z1" }, secondary = { dns_name = "b.elb.amazonaws.com", zone_id = "Z2" }, path = "/health" } }
  }

  assert {
    condition     = { for key, record in aws_route53_record.failover : record.set_identifier => "${record.failover_routing_policy[0].type} ${record.alias[0].name}" } == { primary = "PRIMARY a.elb.amazonaws.com", secondary = "SECONDARY b.elb.amazonaws.com" }
    error_message = "Two records of one name."
  }

  assert {
    condition     = aws_route53_health_check.primary["@"].fqdn == "a.elb.amazonaws.com" && aws_route53_health_check.primary["@"].type == "HTTPS" && aws_route53_record.failover["@ secondary"].health_check_id == null && aws_route53_record.failover["@ primary"].health_check_id == output.health_check_ids["@"]
    error_message = "The primary is checked over HTTPS, and the secondary answers in any case."
  }
}

run "a_certificate_is_validated_by_the_zone" {
  variables {
    certificate_names = ["example.com", "*.example.com"]
  }

  assert {
    condition     = length(aws_route53_record.validation) == 2 && alltrue([for record in aws_route53_record.validation : record.allow_overwrite]) && length(aws_acm_certificate_validation.this) == 1
    error_message = "Both names have the same record."
  }
}

run "a_new_zone_does_not_wait_for_its_certificate" {
  variables {
    certificate_names    = ["example.com", "*.example.com"]
    wait_for_certificate = false
  }

  assert {
    condition     = length(aws_acm_certificate_validation.this) == 0 && output.certificate_arn == "arn:aws:acm:eu-west-1:123456789012:certificate/1"
    error_message = "It is there, and not validated."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create            = false
    certificate_names = ["example.com"]
    aliases           = { www = { dns_name = "shop.elb.amazonaws.com", zone_id = "Z1" } }
  }

  assert {
    condition     = length(aws_route53_zone.this) + length(aws_route53_record.alias) + length(aws_acm_certificate.this) == 0 && output.zone_id == null && length(output.hosts) == 0
    error_message = "Nothing is created."
  }
}
