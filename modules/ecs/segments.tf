# Services whose tasks are reached by the load balancer and by the services that they name, and by nobody else.

locals {
  segments = { for name, service in local.services : name => service if service.create_security_group }

  # The security group that the tasks of each service have from the module.
  group_ids = {
    for name, service in local.services : name => service.create_security_group ? aws_security_group.segment[name].id : one(aws_security_group.tasks[*].id)
  }

  segment_ports = merge([for name, service in local.segments : {
    for port in lookup(local.ports_by_service, name, []) : "${name} ${port}" => { service = name, port = port }
  }]...)

  # Who calls whom, at the ports that are offered in Service Connect, or at the container's own.
  calls = merge(flatten([for name, service in local.segments : [for client in service.allowed_services : {
    for port in coalescelist(local.offered[name], [service.port]) : "${client} ${name} ${port}" => {
      client = client, service = name, port = port, protocol = length(local.offered[name]) > 0 ? "tcp" : service.protocol
    }
  }]])...)
}

resource "aws_security_group" "segment" {
  for_each = local.segments

  name        = var.security_group_use_name_prefix ? null : "${var.name}-${each.key}"
  name_prefix = var.security_group_use_name_prefix ? "${var.name}-${each.key}-" : null
  description = "Tasks of ${each.key} in the cluster ${var.name}."
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "segment_load_balancer" {
  for_each = local.segment_ports

  security_group_id            = aws_security_group.segment[each.value.service].id
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = endswith(each.value.port, "/udp") ? "udp" : "tcp"
  from_port                    = tonumber(split("/", each.value.port)[0])
  to_port                      = tonumber(split("/", each.value.port)[0])

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = var.load_balancer_security_group_id != null
      error_message = "A service has a load balancer, so load_balancer_security_group_id is needed: without it the load balancer could not reach the tasks."
    }
  }
}

resource "aws_vpc_security_group_ingress_rule" "segment_calls" {
  for_each = local.calls

  security_group_id            = aws_security_group.segment[each.value.service].id
  referenced_security_group_id = local.group_ids[each.value.client]
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  lifecycle {
    create_before_destroy = true
  }
}

# Also where egress_cidr_blocks is narrow.
resource "aws_vpc_security_group_egress_rule" "segment_calls" {
  for_each = local.calls

  security_group_id            = local.group_ids[each.value.client]
  referenced_security_group_id = aws_security_group.segment[each.value.service].id
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "segment" {
  for_each = { for pair in setproduct(keys(local.segments), var.egress_cidr_blocks) : "${pair[0]} ${pair[1]}" => { service = pair[0], block = pair[1] } }

  security_group_id = aws_security_group.segment[each.value.service].id
  description       = "Image registry, logs, secrets, and what the service uses"
  cidr_ipv4         = each.value.block
  ip_protocol       = "-1"
}
