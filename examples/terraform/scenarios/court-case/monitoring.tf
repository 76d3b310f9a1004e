# Created before the service, whose deployments its critical alarms stop: so the cluster is named as text.
module "monitoring" {
  source = "../../../../modules/monitoring"

  name                     = var.name
  cluster_name             = var.name
  services                 = module.alb.services
  load_balancer_arn_suffix = module.alb.arn_suffix
  database_instances       = module.database.instance_identifiers
  cache_nodes              = module.cache.member_cluster_ids

  # About 90 percent of what this size of instance takes.
  thresholds = { database_connections = 370 }

  webhooks = { for url in var.pager_url[*] : "critical" => [url] }
}
