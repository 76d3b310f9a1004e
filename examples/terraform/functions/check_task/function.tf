# A misspelled member, a number where AWS wants a text, or a port that no container exposes fails the plan, although the
# task definition does not exist yet. Requires Terraform 1.8 or OpenTofu 1.7.
resource "aws_ecs_task_definition" "web" {
  family                   = "web"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = 256
  memory                   = 512

  container_definitions = provider::switchyard::check_task(
    jsonencode([{
      name         = "app"
      image        = "public.ecr.aws/nginx/nginx:1.29"
      portMappings = [{ containerPort = 8080 }]
      environment  = [{ name = "MODE", value = "production" }]
    }]),
    "app",
    8080,
  )
}
