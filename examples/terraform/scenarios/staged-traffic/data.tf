# Database, cache, backups and firewall of environments that have data of their own. Development has none.

module "database" {
  source = "../../../../modules/database"

  create                    = var.data != null
  name                      = local.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.database_subnet_ids
  client_security_group_ids = [module.ecs.task_security_group_id]
  instance_class            = try(var.data.instance_class, "db.t4g.micro")
  multi_az                  = try(var.data.standby, false)
  database_name             = "accounts"
  deletion_protection       = var.protected
  final_snapshot            = var.protected

  tags = { Environment = var.environment }
}

module "cache" {
  source = "../../../../modules/cache"

  create                    = var.data != null
  name                      = local.name
  vpc_id                    = module.vpc.vpc_id
  subnet_ids                = module.vpc.database_subnet_ids
  client_security_group_ids = [module.ecs.task_security_group_id]
  node_type                 = try(var.data.cache_node_type, "cache.t4g.micro")
  replicas                  = try(var.data.standby, false) ? 1 : 0
  iam_users                 = ["app"]

  tags = { Environment = var.environment }
}

module "backup" {
  source = "../../../../modules/backup"

  create        = var.data != null
  name          = local.name
  resource_arns = [module.database.arn]
  force_destroy = !var.protected

  tags = { Environment = var.environment }
}

module "waf" {
  source = "../../../../modules/waf"

  create        = var.data != null
  name          = local.name
  resource_arns = [module.alb.arn]

  tags = { Environment = var.environment }
}

# --- Migrations: before a new version starts, and never in a plan ---

locals {
  migrates = var.data != null && var.migrations_image != null

  # The image of a version whose migration has succeeded: so the service waits for it.
  image = local.migrates ? switchyard_migration_task.schema[0].triggers["image"] : var.image
}

resource "switchyard_migration_task" "schema" {
  count = local.migrates ? 1 : 0

  name            = "${local.name}-schema"
  cluster         = module.ecs.cluster_arn
  task_definition = aws_ecs_task_definition.migrations[0].arn
  container_name  = "migrations"
  launch_type     = "FARGATE"
  timeout         = "10m"

  triggers = { image = var.image, migrations = var.migrations_image }

  network_configuration {
    subnets         = module.vpc.app_subnet_ids
    security_groups = [module.ecs.task_security_group_id]
  }
}

resource "aws_ecs_task_definition" "migrations" {
  count = local.migrates ? 1 : 0

  family                   = "${local.name}-migrations"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.migrations[0].arn

  container_definitions = jsonencode([{
    name        = "migrations"
    image       = var.migrations_image
    essential   = true
    environment = [for name, value in module.database.environment : { name = name, value = value }]
    secrets     = [for name, reference in module.database.secrets : { name = name, valueFrom = reference }]
  }])

  tags = { Environment = var.environment }
}

resource "aws_iam_role" "migrations" {
  count = local.migrates ? 1 : 0

  name = "${local.name}-migrations"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "migrations" {
  count = local.migrates ? 1 : 0

  role       = aws_iam_role.migrations[0].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "migrations" {
  count = local.migrates ? 1 : 0

  name = "secrets"
  role = aws_iam_role.migrations[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = module.database.master_user_secret_arn
    }]
  })
}
