module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.nlb.security_group_id

  services = {
    broker = {
      image         = var.image
      port          = 1883
      load_balancer = module.nlb.services["broker"]

      # 10 percent of the connections for five minutes, then all of them; the old side stays five more minutes.
      deployment = {
        strategy  = "canary"
        canary    = { percent = 10, interval = "5m" }
        bake_time = "5m"
      }
    }
  }
}
