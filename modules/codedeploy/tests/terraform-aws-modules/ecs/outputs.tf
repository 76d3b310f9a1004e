# Outputs as terraform-aws-modules/ecs/aws names them.

output "cluster_name" {
  value = "main"
}

output "services" {
  value = {
    web = {
      name                   = "web"
      task_exec_iam_role_arn = "arn:aws:iam::123456789012:role/web-execution"
      tasks_iam_role_arn     = "arn:aws:iam::123456789012:role/web-task"
    }
  }
}
