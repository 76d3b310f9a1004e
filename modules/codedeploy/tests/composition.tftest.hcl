# The module takes what terraform-aws-modules gives, as it is.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/shop-codedeploy" }
  }
}

run "alb" {
  module {
    source = "./tests/terraform-aws-modules/alb"
  }
}

run "ecs" {
  module {
    source = "./tests/terraform-aws-modules/ecs"
  }
}

run "outputs_of_terraform_aws_modules_fit" {
  variables {
    name           = "shop"
    cluster_name   = run.ecs.cluster_name
    pass_role_arns = [run.ecs.services["web"].task_exec_iam_role_arn, run.ecs.services["web"].tasks_iam_role_arn]

    services = {
      web = {
        service_name            = run.ecs.services["web"].name
        target_group_names      = [run.alb.target_groups["web-a"].name, run.alb.target_groups["web-b"].name]
        production_listener_arn = run.alb.listeners["https"].arn
        test_listener_arn       = run.alb.listeners["test"].arn
      }
    }
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this["web"].ecs_service[0].cluster_name == "main" && aws_codedeploy_deployment_group.this["web"].ecs_service[0].service_name == "web"
    error_message = "The group deploys the service of the cluster."
  }

  assert {
    condition     = [for group in aws_codedeploy_deployment_group.this["web"].load_balancer_info[0].target_group_pair_info[0].target_group : group.name] == ["web-a", "web-b"]
    error_message = "The group moves between the two target groups."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.this[0].policy).Statement : statement.Resource if statement.Sid == "PassRolesOfTasks"]) == ["arn:aws:iam::123456789012:role/web-execution", "arn:aws:iam::123456789012:role/web-task"]
    error_message = "The role may pass the roles of the service's tasks."
  }
}
