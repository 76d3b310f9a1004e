# Requires Terraform 1.14. Run it with `terraform apply -invoke=action.switchyard_run_migration.schema`.
action "switchyard_run_migration" "schema" {
  config {
    name            = "schema"
    cluster         = "main"
    task_definition = "migrate"
    launch_type     = "FARGATE"
    command         = ["alembic", "upgrade", "head"]

    network_configuration {
      subnets = ["subnet-0a", "subnet-0b"]
    }
  }
}
