# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {}

variables {
  zone_name = "example.com"
}

run "first_round" {
  command = plan

  variables {
    # A domain with a dot at its end.
    zone_name = "example.com."
  }

  expect_failures = [
    var.zone_name,
  ]
}

run "second_round" {
  command = plan

  variables {
    # A name with the domain in capitals.
    aliases = { "WWW" = { dns_name = "a.example.net", zone_id = "Z1" } }

    # A check every second.
    health_check = { interval = 1, failures = 3 }

    # A record without type.
    records = { docs = ["docs.example.net"] }

    # No time.
    ttl = 0

    # A certificate for another domain.
    certificate_names = ["example.org"]

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.aliases,
    var.certificate_names,
    var.health_check,
    var.records,
    var.tags,
    var.ttl,
  ]
}

run "third_round" {
  command = plan

  variables {
    # An ipv6 alias that there is not.
    ipv6_aliases = ["www"]
  }

  expect_failures = [
    var.ipv6_aliases,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # A name in both.
    aliases  = { www = { dns_name = "a.example.net", zone_id = "Z1" } }
    failover = { www = { primary = { dns_name = "a.example.net", zone_id = "Z1" }, secondary = { dns_name = "a.example.net", zone_id = "Z1" }, path = "/" } }
  }

  expect_failures = [
    var.failover,
  ]
}

run "fifth_round" {
  command = plan

  variables {
    # A path without a slash.
    failover = { www = { primary = { dns_name = "a.example.net", zone_id = "Z1" }, secondary = { dns_name = "a.example.net", zone_id = "Z1" }, path = "health" } }
  }

  expect_failures = [
    var.failover,
  ]
}

run "sixth_round" {
  command = plan

  variables {
    # A cname of the domain itself.
    records = { "CNAME @" = ["docs.example.net"] }

    # Too many names.
    certificate_names = [for number in range(11) : "a${number}.example.com"]

    # Too many tags.
    tags = { for number in range(50) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.certificate_names,
    var.records,
    var.tags,
  ]
}
