module "database" {
  source = "../../../../modules/database"

  name                      = var.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.database_subnet_ids
  client_security_group_ids = [module.ecs.task_security_group_id]
  instance_class            = "db.t4g.medium"
  database_name             = "cases"
  deletion_protection       = var.protected
  final_snapshot            = var.protected
}

module "cache" {
  source = "../../../../modules/cache"

  name                      = var.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.database_subnet_ids
  client_security_group_ids = [module.ecs.task_security_group_id]
  node_type                 = "cache.t4g.small"
  iam_users                 = ["api"]
}

# At most an hour of cases is lost when the region or the database is.
module "backup" {
  source = "../../../../modules/backup"

  name             = var.name
  resource_arns    = [module.database.arn]
  schedules        = { hourly = { schedule = "cron(0 * * * ? *)", keep_days = 35 } }
  force_destroy    = !var.protected
  notify           = true
  notify_topic_arn = module.monitoring.topic_arns["critical"]
}
