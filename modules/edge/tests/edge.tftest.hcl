# What is planned, without AWS.

mock_provider "aws" {
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::shop-site", bucket_regional_domain_name = "shop-site.s3.eu-west-1.amazonaws.com" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/E1", domain_name = "d1.cloudfront.net" }
  }

  mock_resource "aws_cloudfront_origin_access_control" {
    defaults = { id = "OAC1" }
  }

  mock_resource "aws_cloudfront_response_headers_policy" {
    defaults = { id = "HEADERS1" }
  }
}

variables {
  name = "shop-site"
}

run "only_the_distribution_reads_the_bucket" {
  assert {
    condition     = aws_s3_bucket_public_access_block.this[0].restrict_public_buckets && aws_s3_bucket_public_access_block.this[0].block_public_policy && aws_s3_bucket_public_access_block.this[0].block_public_acls && aws_s3_bucket_public_access_block.this[0].ignore_public_acls
    error_message = "Nothing is public."
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this[0].policy).Statement[0].Condition.StringEquals == { "AWS:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/E1" } && jsondecode(aws_s3_bucket_policy.this[0].policy).Statement[0].Action == "s3:GetObject"
    error_message = "This distribution, and no other, may read."
  }

  assert {
    condition     = one([for origin in aws_cloudfront_distribution.this[0].origin : origin.origin_access_control_id]) == "OAC1"
    error_message = "It signs its requests."
  }

  assert {
    condition     = aws_cloudfront_distribution.this[0].default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https" && aws_cloudfront_distribution.this[0].default_cache_behavior[0].response_headers_policy_id == "67f7725c-6f97-4210-82d7-5512b31e9d03"
    error_message = "TLS, and the security headers of AWS's own policy."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 && aws_s3_bucket_versioning.this[0].versioning_configuration[0].status == "Enabled"
    error_message = "Old versions are kept for a while."
  }
}

run "hosts_have_a_certificate_and_modern_tls" {
  variables {
    hosts                   = ["www.example.com"]
    certificate_arn         = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    content_security_policy = "default-src 'self'"
    web_acl_arn             = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1"
  }

  assert {
    condition     = aws_cloudfront_distribution.this[0].viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this[0].viewer_certificate[0].ssl_support_method == "sni-only"
    error_message = "No old TLS."
  }

  assert {
    condition     = aws_cloudfront_distribution.this[0].default_cache_behavior[0].response_headers_policy_id == "HEADERS1" && aws_cloudfront_response_headers_policy.this[0].security_headers_config[0].content_security_policy[0].content_security_policy == "default-src 'self'"
    error_message = "A policy for the contents needs headers of its own."
  }

  assert {
    condition     = aws_cloudfront_distribution.this[0].web_acl_id == "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1"
    error_message = "The firewall is in front."
  }
}

run "paths_of_an_api_are_not_cached" {
  command = plan

  variables {
    api_host      = "shop.elb.amazonaws.com"
    api_paths     = ["/api/*", "/login"]
    fallback_page = "/index.html"
    release_path  = "/releases/42"
  }

  assert {
    condition     = [for behavior in aws_cloudfront_distribution.this[0].ordered_cache_behavior : "${behavior.path_pattern} ${behavior.target_origin_id} ${behavior.cache_policy_id}"] == ["/api/* api 4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "/login api 4135ea2d-6df8-44a3-9df3-4b5a84be39ad"]
    error_message = "They go to the load balancer."
  }

  assert {
    condition     = { for origin in aws_cloudfront_distribution.this[0].origin : origin.origin_id => origin.origin_path if origin.origin_id == "files" } == { files = "/releases/42" }
    error_message = "One release is served."
  }

  assert {
    condition     = [for response in aws_cloudfront_distribution.this[0].custom_error_response : "${response.error_code} ${response.response_code} ${response.response_page_path}"] == ["403 200 /index.html"]
    error_message = "The application decides about its paths."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create                  = false
    content_security_policy = "default-src 'self'"
  }

  assert {
    condition     = length(aws_s3_bucket.this) + length(aws_cloudfront_distribution.this) + length(aws_cloudfront_response_headers_policy.this) + length(aws_s3_bucket_policy.this) == 0 && output.dns_name == null && output.publish_policy == null
    error_message = "Nothing is created."
  }
}
