data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

# Defaults and types of the settings; names that do not exist are errors.
module "shape" {
  source = "./shape"

  services = var.services
  written  = var.services
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  services  = { for name, service in module.shape.services : name => service if var.create }

  # The cluster is one of the module's own, or one that exists.
  cluster_arn  = var.create_cluster ? one(aws_ecs_cluster.this[*].arn) : var.cluster_arn
  cluster_name = var.create_cluster ? one(aws_ecs_cluster.this[*].name) : try(element(split("/", var.cluster_arn), 1), var.cluster_arn)

  namespace_arn = one(aws_service_discovery_private_dns_namespace.this[*].arn)

  # The ports of services that others reach by name with Service Connect: that of the proxy, which is the container's own
  # unless `ingress_port_override` names another one.
  offered = {
    for name, service in local.services : name => [
      for offer in try(service.service_connect_configuration.service, []) : coalesce(offer.ingress_port_override, service.port)
    ]
  }

  balanced = { for name, service in local.services : name => service if service.load_balancer != null }

  # Shares of the tasks above the base. A provider that gets nothing is left out.
  capacity = concat(
    [{ capacity_provider = "FARGATE", base = var.on_demand_base, weight = 100 - var.fargate_spot_percent }],
    [for percent in [var.fargate_spot_percent] : { capacity_provider = "FARGATE_SPOT", base = 0, weight = percent } if percent > 0],
  )
}

resource "aws_ecs_cluster" "this" {
  count = var.create && var.create_cluster ? 1 : 0

  name = var.name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  dynamic "service_connect_defaults" {
    for_each = aws_service_discovery_private_dns_namespace.this

    content {
      namespace = service_connect_defaults.value.arn
    }
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  count = var.create && var.create_cluster ? 1 : 0

  cluster_name       = aws_ecs_cluster.this[0].name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  dynamic "default_capacity_provider_strategy" {
    for_each = local.capacity

    content {
      capacity_provider = default_capacity_provider_strategy.value.capacity_provider
      base              = default_capacity_provider_strategy.value.base
      weight            = default_capacity_provider_strategy.value.weight
    }
  }
}

resource "aws_service_discovery_private_dns_namespace" "this" {
  count = var.create && var.create_cluster && var.create_namespace ? 1 : 0

  name = coalesce(var.namespace, "${lower(var.name)}.internal")
  vpc  = var.vpc_id
  tags = var.tags
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.services

  name              = "/ecs/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
  tags              = var.tags
}
