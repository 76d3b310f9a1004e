data "aws_route53_zone" "this" {
  count = var.create && !var.create_zone ? 1 : 0

  name         = var.zone_name
  private_zone = false
}

resource "aws_route53_zone" "this" {
  count = var.create && var.create_zone ? 1 : 0

  name    = var.zone_name
  comment = "Managed by Terraform."

  tags = var.tags
}

locals {
  zone_id = try(coalesce(one(aws_route53_zone.this[*].zone_id), one(data.aws_route53_zone.this[*].zone_id)), null)

  # The name of each key: www.example.com, or the domain itself.
  hosts = { for key in concat(keys(var.aliases), keys(var.failover)) : key => key == "@" ? var.zone_name : "${key}.${var.zone_name}" }

  aliases = merge(
    { for key, it in var.aliases : "A ${key}" => merge(it, { key = key, type = "A" }) },
    { for key in var.ipv6_aliases : "AAAA ${key}" => merge(var.aliases[key], { key = key, type = "AAAA" }) },
  )

  records = { for key, values in var.records : key => {
    type   = split(" ", key)[0]
    name   = split(" ", key)[1] == "@" ? var.zone_name : "${split(" ", key)[1]}.${var.zone_name}"
    values = values
  } }

  sides = merge(
    { for key, it in var.failover : "${key} primary" => merge(it.primary, { key = key, side = "PRIMARY" }) },
    { for key, it in var.failover : "${key} secondary" => merge(it.secondary, { key = key, side = "SECONDARY" }) },
  )
}

resource "aws_route53_record" "alias" {
  for_each = { for key, it in local.aliases : key => it if var.create }

  zone_id = local.zone_id
  name    = local.hosts[each.value.key]
  type    = each.value.type

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "this" {
  for_each = { for key, it in local.records : key => it if var.create }

  zone_id = local.zone_id
  name    = each.value.name
  type    = each.value.type
  ttl     = var.ttl
  records = each.value.values
}

# --- Failover ---

resource "aws_route53_health_check" "primary" {
  for_each = { for key, it in var.failover : key => it if var.create }

  type              = "HTTPS"
  fqdn              = each.value.primary.dns_name
  port              = 443
  resource_path     = each.value.path
  request_interval  = var.health_check.interval
  failure_threshold = var.health_check.failures

  tags = merge(var.tags, { Name = local.hosts[each.key] })
}

resource "aws_route53_record" "failover" {
  for_each = { for key, it in local.sides : key => it if var.create }

  zone_id         = local.zone_id
  name            = local.hosts[each.value.key]
  type            = "A"
  set_identifier  = lower(each.value.side)
  health_check_id = each.value.side == "PRIMARY" ? aws_route53_health_check.primary[each.value.key].id : null

  failover_routing_policy {
    type = each.value.side
  }

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = true
  }
}

# --- Certificate ---

resource "aws_acm_certificate" "this" {
  count = var.create && length(var.certificate_names) > 0 ? 1 : 0

  domain_name               = var.certificate_names[0]
  subject_alternative_names = slice(var.certificate_names, 1, length(var.certificate_names))
  validation_method         = "DNS"

  tags = var.tags

  # Listeners use the old one until they use the new one.
  lifecycle {
    create_before_destroy = true
  }
}

# A domain and its wildcard are validated by the same record.
resource "aws_route53_record" "validation" {
  for_each = toset(var.create ? var.certificate_names : [])

  zone_id         = local.zone_id
  name            = one([for option in aws_acm_certificate.this[0].domain_validation_options : option.resource_record_name if option.domain_name == each.key])
  type            = one([for option in aws_acm_certificate.this[0].domain_validation_options : option.resource_record_type if option.domain_name == each.key])
  ttl             = 60
  records         = [for option in aws_acm_certificate.this[0].domain_validation_options : option.resource_record_value if option.domain_name == each.key]
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = var.create && length(var.certificate_names) > 0 && var.wait_for_certificate ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}
