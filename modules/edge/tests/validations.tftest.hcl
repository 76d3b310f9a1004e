# Every restriction refuses what it is there for. A run has a wrong value for many inputs, and each must be refused.

mock_provider "aws" {}

variables {
  name = "shop-site"
}

run "first_round" {
  command = plan

  variables {
    # A name with a dot.
    name = "shop.site"

    # A bucket with capitals.
    bucket_name = "Shop"

    # A release that ends with a slash.
    release_path = "/releases/42/"

    # A page without a slash.
    fallback_page = "index.html"

    # Paths that lead nowhere.
    api_paths = ["/api/*"]

    # Another price class.
    price_class = "PriceClass_300"

    # Half a day.
    old_version_days = 0.5

    # A tag of aws.
    tags = { "aws:x" = "1" }
  }

  expect_failures = [
    var.api_paths,
    var.bucket_name,
    var.fallback_page,
    var.name,
    var.old_version_days,
    var.price_class,
    var.release_path,
    var.tags,
  ]
}

run "second_round" {
  command = plan

  variables {
    # A host with a path.
    hosts           = ["example.com/shop"]
    certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
  }

  expect_failures = [
    var.hosts,
  ]
}

run "third_round" {
  command = plan

  variables {
    # A certificate in another region.
    hosts           = ["example.com"]
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
  }

  expect_failures = [
    var.certificate_arn,
  ]
}

run "fourth_round" {
  command = plan

  variables {
    # A host without certificate.
    hosts = ["example.com"]
  }

  expect_failures = [
    var.certificate_arn,
  ]
}

run "fifth_round" {
  command = plan

  variables {
    # A path without a slash.
    api_host  = "api.example.com"
    api_paths = ["api"]

    # Too many tags.
    tags = { for number in range(51) : "tag-${number}" => "x" }
  }

  expect_failures = [
    var.api_paths,
    var.tags,
  ]
}
