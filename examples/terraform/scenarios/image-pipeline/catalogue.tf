module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id

  services = {
    catalogue = {
      # The pipeline passes the image. Everything else of the task definition comes from the base, which stays the same.
      image                 = var.image
      base_image            = "public.ecr.aws/docker/library/busybox:stable"
      task_definition_owner = "images"
      revision_retention    = 10

      load_balancer = module.alb.services["catalogue"]
      report_path   = var.report_path

      deployment = {
        strategy  = "canary"
        canary    = { percent = 10, interval = "5m" }
        bake_time = "2m"

        freeze = [for dates in var.freeze_dates : { reason = "Peak season", dates = [dates], timezone = "Europe/Berlin" }]
      }
    }
  }
}
