# Everything that other resources of the same apply may be is one that is not known in time.

terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    switchyard = { source = "switchyard/switchyard" }
  }
}

resource "terraform_data" "other" {
  input = "other"
}

locals {
  other = terraform_data.other.output
}

module "ecs" {
  source                          = "../.."
  name                            = "shop"
  vpc_id                          = local.other
  subnet_ids                      = [local.other]
  load_balancer_security_group_id = local.other
  create_infrastructure_role      = false
  infrastructure_role_arn         = local.other
  services = {
    web = {
      image                 = local.other
      secrets               = { A = local.other }
      environment           = { B = local.other }
      task_policy           = jsonencode({ a = local.other })
      container_definitions = jsonencode([{ name = "web", user = local.other }])
      load_balancer         = { target_group_arns = [local.other, "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/b/2"], production_rule_arn = local.other }
      security_group_ids    = [local.other]
      create_execution_role = false
      execution_role_arn    = local.other
      volumes               = { s = { efs_volume_configuration = { file_system_id = local.other } } }
      mount_points          = { s = "/s" }
    }
    other = {
      image                         = local.other
      secrets                       = { A = local.other }
      container_definitions         = jsonencode([{ name = "log", image = local.other }])
      service_connect_configuration = { service = [{ client_alias = [{ port = 80 }] }] }
      volume_configuration          = { name = "d", managed_ebs_volume = { size_in_gb = 20, kms_key_id = local.other } }
    }
  }
}

output "services" {
  value = module.ecs.services
}
