locals {
  # Rules are evaluated by their priorities. What is allowed passes the rest, so that it comes first.
  paths = sort(keys(var.rate_limits))

  sets = { for name, blocks in { allowed = var.allowed_cidr_blocks, blocked = var.blocked_cidr_blocks } : name => blocks if length(blocks) > 0 }
}

resource "aws_wafv2_ip_set" "this" {
  for_each = { for name, blocks in local.sets : name => blocks if var.create }

  name               = "${var.name}-${each.key}"
  scope              = var.scope
  ip_address_version = "IPV4"
  addresses          = each.value

  tags = var.tags
}

resource "aws_wafv2_web_acl" "this" {
  count = var.create ? 1 : 0

  name  = var.name
  scope = var.scope

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = { for name, blocks in local.sets : name => blocks if name == "allowed" }

    content {
      name     = "allowed-addresses"
      priority = 0

      action {
        allow {}
      }

      statement {
        ip_set_reference_statement {
          arn = aws_wafv2_ip_set.this["allowed"].arn
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-allowed-addresses"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = { for name, blocks in local.sets : name => blocks if name == "blocked" }

    content {
      name     = "blocked-addresses"
      priority = 1

      action {
        dynamic "block" {
          for_each = var.count_only ? [] : [1]
          content {}
        }
        dynamic "count" {
          for_each = var.count_only ? [1] : []
          content {}
        }
      }

      statement {
        ip_set_reference_statement {
          arn = aws_wafv2_ip_set.this["blocked"].arn
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-blocked-addresses"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = length(var.blocked_countries) > 0 ? [1] : []

    content {
      name     = "blocked-countries"
      priority = 2

      action {
        dynamic "block" {
          for_each = var.count_only ? [] : [1]
          content {}
        }
        dynamic "count" {
          for_each = var.count_only ? [1] : []
          content {}
        }
      }

      statement {
        geo_match_statement {
          country_codes = var.blocked_countries
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-blocked-countries"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = local.paths

    content {
      name     = "rate-limit-${rule.key}"
      priority = 10 + rule.key

      action {
        dynamic "block" {
          for_each = var.count_only ? [] : [1]
          content {}
        }
        dynamic "count" {
          for_each = var.count_only ? [1] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          limit              = var.rate_limits[rule.value]
          aggregate_key_type = "IP"

          scope_down_statement {
            byte_match_statement {
              positional_constraint = "STARTS_WITH"
              search_string         = rule.value

              field_to_match {
                uri_path {}
              }

              text_transformation {
                priority = 0
                type     = "NORMALIZE_PATH"
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-rate-limit-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.rate_limit[*]

    content {
      name     = "rate-limit"
      priority = 100

      action {
        dynamic "block" {
          for_each = var.count_only ? [] : [1]
          content {}
        }
        dynamic "count" {
          for_each = var.count_only ? [1] : []
          content {}
        }
      }

      statement {
        rate_based_statement {
          limit              = rule.value
          aggregate_key_type = "IP"
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-rate-limit"
        sampled_requests_enabled   = true
      }
    }
  }

  dynamic "rule" {
    for_each = var.managed_rule_groups

    content {
      name     = rule.value
      priority = 200 + rule.key

      override_action {
        dynamic "none" {
          for_each = var.count_only ? [] : [1]
          content {}
        }
        dynamic "count" {
          for_each = var.count_only ? [1] : []
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value

          dynamic "rule_action_override" {
            for_each = try(var.counted_rules[rule.value], [])

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.value}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }

  tags = var.tags
}

# By number, because ARNs of load balancers made in the same apply are not known in time to be keys.
resource "aws_wafv2_web_acl_association" "this" {
  count = var.create ? length(var.resource_arns) : 0

  resource_arn = var.resource_arns[count.index]
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}

# --- Logs ---

resource "aws_cloudwatch_log_group" "this" {
  count = var.create && var.log_retention_days > 0 ? 1 : 0

  # AWS demands that the name begins so.
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days

  tags = var.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = var.create && var.log_retention_days > 0 ? 1 : 0

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.this[0].arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  # What passes is in the logs of the load balancer.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
