# Alarms in two tiers for each service, one dashboard, reports of deployments, and counts of errors in the logs.
module "monitoring" {
  source = "../../../../modules/monitoring"

  name                     = var.name
  cluster_name             = module.ecs.cluster_name
  services                 = module.alb.services
  load_balancer_arn_suffix = module.alb.arn_suffix
  log_group_names          = module.ecs.log_group_names
  codedeploy_application   = var.name
  emails                   = var.alert_emails
}
