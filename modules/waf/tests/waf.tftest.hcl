# What is planned, without AWS.

mock_provider "aws" {
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1" }
  }

  mock_resource "aws_wafv2_ip_set" {
    defaults = { arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/shop/1" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:aws-waf-logs-shop" }
  }
}

variables {
  name          = "shop"
  resource_arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1"]
}

run "attacks_are_blocked_by_default" {
  command = plan

  assert {
    condition = { for rule in aws_wafv2_web_acl.this[0].rule : rule.name => rule.priority } == {
      rate-limit                            = 100
      AWSManagedRulesAmazonIpReputationList = 200
      AWSManagedRulesCommonRuleSet          = 201
      AWSManagedRulesKnownBadInputsRuleSet  = 202
      AWSManagedRulesSQLiRuleSet            = 203
    }
    error_message = "The limit comes first, then the groups of AWS in their order."
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this[0].rule : length(rule.override_action[0].none) == 1 if startswith(rule.name, "AWS")]) && alltrue([for rule in aws_wafv2_web_acl.this[0].rule : length(rule.action[0].block) == 1 if rule.name == "rate-limit"])
    error_message = "They block."
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this[0].default_action[0].allow) == 1
    error_message = "What no rule blocks passes."
  }

  assert {
    condition     = length(aws_wafv2_web_acl_association.this) == 1 && length(aws_wafv2_ip_set.this) == 0
    error_message = "The load balancer is protected."
  }
}

run "with_count_only_nothing_is_blocked" {
  command = plan

  variables {
    count_only          = true
    blocked_cidr_blocks = ["198.51.100.0/24"]
    blocked_countries   = ["KP"]
    rate_limits         = { "/login" = 50 }
  }

  assert {
    condition     = sum(flatten([for rule in aws_wafv2_web_acl.this[0].rule : [for action in rule.action : length(action.block)]])) == 0 && sum(flatten([for rule in aws_wafv2_web_acl.this[0].rule : [for action in rule.override_action : length(action.none)]])) == 0
    error_message = "Every rule counts."
  }
}

run "a_path_has_a_limit_of_its_own" {
  command = plan

  variables {
    rate_limits = { "/password-reset" = 20, "/login" = 50 }
    rate_limit  = null
  }

  assert {
    condition     = [for rule in aws_wafv2_web_acl.this[0].rule : "${rule.priority} ${rule.statement[0].rate_based_statement[0].limit} ${rule.statement[0].rate_based_statement[0].scope_down_statement[0].byte_match_statement[0].search_string}" if startswith(rule.name, "rate-limit")] == ["10 50 /login", "11 20 /password-reset"]
    error_message = "In the order of the paths, and without the limit of all."
  }
}

run "a_rule_that_blocks_users_is_counted" {
  command = plan

  variables {
    counted_rules = { AWSManagedRulesCommonRuleSet = ["SizeRestrictions_BODY"] }
  }

  assert {
    condition     = flatten([for rule in aws_wafv2_web_acl.this[0].rule : [for override in rule.statement[0].managed_rule_group_statement[0].rule_action_override : "${rule.name}/${override.name}"] if startswith(rule.name, "AWS")]) == ["AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY"]
    error_message = "This one, and no other."
  }
}

run "what_is_allowed_comes_first" {
  variables {
    allowed_cidr_blocks = ["192.0.2.0/28"]
    blocked_cidr_blocks = ["198.51.100.0/24"]
  }

  assert {
    condition     = [for rule in aws_wafv2_web_acl.this[0].rule : rule.priority if rule.name == "allowed-addresses"] == [0] && [for rule in aws_wafv2_web_acl.this[0].rule : rule.priority if rule.name == "blocked-addresses"] == [1]
    error_message = "An allowed address passes all other rules."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this[0].name == "aws-waf-logs-shop" && [for field in aws_wafv2_web_acl_logging_configuration.this[0].redacted_fields : field.single_header[0].name] == ["authorization", "cookie"]
    error_message = "Secrets of users are not logged."
  }
}

run "nothing_is_created_without_create" {
  variables {
    create              = false
    allowed_cidr_blocks = ["192.0.2.0/28"]
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) + length(aws_wafv2_ip_set.this) + length(aws_wafv2_web_acl_association.this) + length(aws_cloudwatch_log_group.this) == 0 && output.arn == null
    error_message = "Nothing is created."
  }
}
