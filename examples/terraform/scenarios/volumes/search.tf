module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id

  services = {
    search = {
      image         = var.image
      load_balancer = module.alb.services["search"]

      # Each task builds its index on a disk of its own.
      mount_points = { index = "/var/lib/search" }

      volume_configuration = {
        name = "index"

        managed_ebs_volume = {
          size_in_gb         = var.index_size
          volume_type        = "gp3"
          throughput         = 250
          tag_specifications = [{ propagate_tags = "SERVICE" }]
        }
      }

      # A new task has an empty index first.
      health_check_grace_period = "2m"

      deployment = {
        strategy  = "all_at_once"
        bake_time = "5m"
      }
    }
  }
}
