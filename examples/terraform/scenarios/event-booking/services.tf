locals {
  canary  = { strategy = "canary", canary = { percent = 10, interval = "5m" }, config = "CodeDeployDefault.ECSCanary10Percent5Minutes" }
  at_once = { strategy = "all_at_once", canary = null, config = "CodeDeployDefault.ECSAllAtOnce" }

  # Tickets and payments have the peak load when sales open. Payments are deployed most carefully.
  services = {
    auth         = { path = "auth", priority = 10, min = 2, max = 10, shift = local.at_once }
    event        = { path = "events", priority = 20, min = 2, max = 10, shift = local.at_once }
    ticket       = { path = "tickets", priority = 30, min = 3, max = 15, shift = local.at_once }
    payment      = { path = "payments", priority = 40, min = 3, max = 15, shift = local.canary }
    notification = { path = "notifications", priority = 50, min = 2, max = 10, shift = local.at_once }
  }

  # Task definitions as the teams write them: size, environment, health check and limits of each service. The image, the
  # log, the secrets and the roles come from here.
  tasks = {
    for name in keys(local.services) : name => jsondecode(templatefile("${path.module}/task-definitions/${name}-service-task.json", { host_name = var.host_name }))
  }
}

module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id
  fargate_spot_percent            = var.fargate_spot_percent

  services = {
    for name, service in local.services : name => {
      image         = var.images[name]
      cpu           = tonumber(local.tasks[name].cpu)
      memory        = tonumber(local.tasks[name].memory)
      min_capacity  = service.min
      max_capacity  = service.max
      load_balancer = module.alb.services[name]
      secrets       = lookup(var.secrets, name, {})

      # The services call one another through the load balancer, at API_URL. Service discovery would return tasks of a new
      # version before it is checked.
      container_name        = "${name}-service"
      container_definitions = jsonencode(local.tasks[name].containerDefinitions)

      scaling = {
        cpu_target         = 70
        memory_target      = 80
        scale_out_cooldown = "1m"
        scale_in_cooldown  = "5m"
      }

      # Names, not references: the deployment group is created after the service.
      deployment = {
        controller = "codedeploy"
        strategy   = service.shift.strategy
        canary     = service.shift.canary
        codedeploy = { application = var.name, deployment_group = "${var.name}-${name}" }
      }

      # The smoke test: the new version must respond at the test listener before visitors reach it.
      gates = [{
        name = "smoke"
        when = ["before_traffic"]
        http = { target = "test_listener", path = "/api/${service.path}/health" }
      }]
    }
  }
}

module "codedeploy" {
  source = "../../../../modules/codedeploy"

  name           = var.name
  cluster_name   = module.ecs.cluster_name
  pass_role_arns = concat(values(module.ecs.execution_role_arns), values(module.ecs.task_role_arns))

  services = {
    for name, service in local.services : name => {
      service_name            = module.ecs.services[name].name
      container_name          = "${name}-service"
      target_group_names      = module.alb.services[name].target_group_names
      production_listener_arn = module.alb.https_listener_arn
      test_listener_arn       = module.alb.test_listener_arn
      deployment_config       = service.shift.config
      rollback_on             = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]

      # Time for the smoke test. The apply continues the deployment as soon as it has passed.
      ready_wait_minutes = 15

      # The old tasks stay for five minutes, within which a rollback is immediate.
      termination_minutes = 5
    }
  }
}
