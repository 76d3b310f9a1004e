module "ecs" {
  source = "../../../../modules/ecs"

  name                            = var.name
  vpc_id                          = module.vpc.vpc_id
  subnet_ids                      = module.vpc.app_subnet_ids
  load_balancer_security_group_id = module.alb.security_group_id

  services = {
    # Visitors reach it through the load balancer. It calls the other service as http://orders.
    web = {
      image         = var.web_image
      environment   = { ORDERS_URL = "http://orders" }
      load_balancer = module.alb.services["web"]

      service_connect_configuration = {}

      deployment = {
        strategy  = "all_at_once"
        bake_time = "2m"
      }
    }

    # Only the tasks of the cluster reach it, by its name. Service Connect moves the traffic of its deployments, so it
    # needs no load balancer.
    orders = {
      image        = var.orders_image
      port         = 9000
      app_protocol = "http"

      service_connect_configuration = {
        service = [{
          client_alias = [{
            port               = 80
            dns_name           = "orders"
            test_traffic_rules = { header = { name = "x-new-orders", value = { exact = "yes" } } }
          }]
        }]
      }

      deployment = {
        strategy  = "canary"
        canary    = { percent = 10, interval = "5m" }
        bake_time = "2m"
      }
    }
  }
}
