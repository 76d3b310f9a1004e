//! The Terraform modules that are planned.

use crate::figures::Side;

/// Cluster of every service.
pub(crate) const CLUSTER: &str = "main";

/// The one file of a module with so many services.
pub(crate) fn main_tf(side: Side, services: u32, task_definition: &str) -> String {
    match side {
        Side::Floor | Side::OurScaledFloor | Side::ScaledFloor => {
            floor(side.resources(services), task_definition)
        }
        Side::Ours => ours(services, task_definition, "desired_count   = 1"),
        Side::OursScaled => {
            let owner = "desired_count   = 1\n  desired_count_owner = \"autoscaler\"";
            ours(services, task_definition, owner) + &policy_sets(services)
        }
        Side::AwsServices => aws(services, task_definition, ""),
        Side::AwsScaled => {
            let ignoring = "\n  lifecycle {\n    ignore_changes = [desired_count]\n  }\n";
            aws(services, task_definition, ignoring) + &scaling(services)
        }
    }
}

/// What Terraform needs on its own: as many objects with the same values, no provider process.
fn floor(resources: u32, task_definition: &str) -> String {
    format!(
        r#"resource "terraform_data" "app" {{
  count = {resources}

  input = {{
    name            = "svc-${{count.index}}"
    cluster         = "{CLUSTER}"
    task_definition = "{task_definition}"
    desired_count   = 1
    launch_type     = "FARGATE"
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}
}}
"#
    )
}

fn ours(services: u32, task_definition: &str, count: &str) -> String {
    format!(
        r#"terraform {{
  required_providers {{
    switchyard = {{ source = "switchyard/switchyard" }}
  }}
}}

provider "switchyard" {{
  region = "eu-west-1"
}}

resource "switchyard_blue_green_service" "app" {{
  count = {services}

  name            = "svc-${{count.index}}"
  cluster         = "{CLUSTER}"
  task_definition = "{task_definition}"
  {count}
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}

  deployment {{
    strategy = "rolling"
  }}
}}
"#
    )
}

fn aws(services: u32, task_definition: &str, more: &str) -> String {
    format!(
        r#"terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}

provider "aws" {{
  region      = "eu-west-1"
  max_retries = 4
}}

resource "aws_ecs_service" "app" {{
  count = {services}

  name            = "svc-${{count.index}}"
  cluster         = "{CLUSTER}"
  task_definition = "{task_definition}"
  desired_count   = 1
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}
{more}}}
"#,
        version = switchyard_harness::AWS_PROVIDER
    )
}

fn policy_sets(services: u32) -> String {
    format!(
        r#"
resource "switchyard_scaling_policy_set" "app" {{
  count = {services}

  cluster      = "{CLUSTER}"
  service      = switchyard_blue_green_service.app[count.index].name
  min_capacity = 1
  max_capacity = 4

  target_tracking {{
    name         = "cpu"
    metric       = "cpu"
    target_value = 60
  }}

  target_tracking {{
    name         = "memory"
    metric       = "memory"
    target_value = 60
  }}
}}
"#
    )
}

fn scaling(services: u32) -> String {
    let mut text = format!(
        r#"
resource "aws_appautoscaling_target" "app" {{
  count = {services}

  service_namespace  = "ecs"
  resource_id        = "service/{CLUSTER}/${{aws_ecs_service.app[count.index].name}}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = 4
}}
"#
    );
    for (name, metric) in [
        ("cpu", "ECSServiceAverageCPUUtilization"),
        ("memory", "ECSServiceAverageMemoryUtilization"),
    ] {
        text += &format!(
            r#"
resource "aws_appautoscaling_policy" "{name}" {{
  count = {services}

  name               = "{name}-${{count.index}}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.app[count.index].service_namespace
  resource_id        = aws_appautoscaling_target.app[count.index].resource_id
  scalable_dimension = aws_appautoscaling_target.app[count.index].scalable_dimension

  target_tracking_scaling_policy_configuration {{
    target_value = 60

    predefined_metric_specification {{
      predefined_metric_type = "{metric}"
    }}
  }}
}}
"#
        );
    }
    text
}
