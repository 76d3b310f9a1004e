//! Configurations with many services: how often AWS is asked, and what comes of it when AWS says "too many calls".

use std::collections::BTreeMap;

use serde_json::json;
use switchyard_harness::{Project, Stage, blocks};
use switchyard_lab::{Fault, FaultKind};

use crate::CANARY;

const HEAD: &str = r#"terraform {
  required_providers {
    switchyard = { source = "switchyard/switchyard" }
  }
}

provider "switchyard" {}
"#;

/// So many services of one task definition; `more` is the rest of each.
fn services(count: usize, task_definition: &str, more: &str) -> String {
    format!(
        r#"{HEAD}
resource "switchyard_blue_green_service" "app" {{
  count = {count}

  name            = "svc-${{count.index}}"
  cluster         = "main"
  task_definition = "{task_definition}"
  desired_count   = 1
  launch_type     = "FARGATE"

  network_configuration {{
    subnets         = ["subnet-0a", "subnet-0b"]
    security_groups = ["sg-0a"]
  }}
{more}}}
"#
    )
}

/// A rolling deployment, and the number of tasks left to an autoscaler.
const SCALED: &str =
    "\n  desired_count_owner = \"autoscaler\"\n  deployment { strategy = \"rolling\" }\n";

/// A set for each service: a policy of AWS's own alarms, and one with an alarm of ours.
fn sets(count: usize) -> String {
    format!(
        r#"
resource "switchyard_scaling_policy_set" "app" {{
  count = {count}

  cluster      = "main"
  service      = switchyard_blue_green_service.app[count.index].name
  min_capacity = 1
  max_capacity = 4

  target_tracking {{
    name         = "cpu"
    metric       = "cpu"
    target_value = 60
  }}

  step {{
    name = "burst"

    step_adjustment {{
      metric_interval_lower_bound = 0
      scaling_adjustment          = 2
    }}

    alarm {{
      evaluation_periods = 2
      comparison         = ">="
      threshold          = 80

      metric {{
        namespace   = "Shop"
        metric_name = "WaitingCarts"
      }}
    }}
  }}
}}
"#
    )
}

/// A pair of target groups for each service, and a rule of one listener that leads to it.
fn behind_rules(stage: &Stage, count: usize) -> (String, String) {
    let listener = stage.pair("web").listener;
    let group = |name: String| {
        let answer = stage.call(
            "elbv2",
            "CreateTargetGroup",
            json!({
                "Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-0a", "TargetType": "ip",
                "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
                "HealthyThresholdCount": 2,
            }),
        );
        let arn = answer["TargetGroups"][0]["TargetGroupArn"].as_str();
        format!("{:?}", arn.unwrap())
    };
    let groups = |side: &str| -> String {
        let all: Vec<_> = (0..count)
            .map(|nth| group(format!("s{nth}-{side}")))
            .collect();
        all.join(",\n    ")
    };
    let rules = format!(
        r#"
locals {{
  blue = [
    {blue}
  ]
  green = [
    {green}
  ]
}}

resource "switchyard_listener_rule" "app" {{
  count = {count}

  listener_arn  = "{listener}"
  priority      = 100 + count.index
  target_groups = [local.blue[count.index], local.green[count.index]]
  condition {{
    path_pattern {{
      values = ["/s-${{count.index}}/*"]
    }}
  }}
}}
"#,
        blue = groups("blue"),
        green = groups("green"),
    );
    let balancer = format!(
        r#"
  load_balancer {{
    container_name           = "app"
    container_port           = 8080
    target_groups            = [local.blue[count.index], local.green[count.index]]
    production_listener_rule = switchyard_listener_rule.app[count.index].arn
    role_arn                 = "arn:aws:iam::123456789012:role/ecs-infrastructure"
  }}

{deployment}"#,
        deployment = blocks::written("deployment", CANARY),
    );
    (balancer, rules)
}

/// The calls of a plan that must find nothing to do, by operation.
fn calls_of_a_plan(stage: &Stage, project: &Project) -> BTreeMap<String, u64> {
    stage.lab().clear_calls();
    project.plans_nothing();
    let counts = stage.lab().call_counts().into_values().flatten();
    let counts = counts.fold(BTreeMap::new(), |mut all, (operation, count)| {
        *all.entry(operation).or_default() += count;
        all
    });
    println!("{counts:?}");
    counts
}

/// No operation but these is called, and none of them more often.
fn at_most(calls: &BTreeMap<String, u64>, limits: &[(&str, u64)]) {
    let limit = |operation: &str| {
        let known = limits.iter().find(|(name, _)| *name == operation);
        known.map_or(0, |(_, limit)| *limit)
    };
    for (operation, count) in calls {
        assert!(
            *count <= limit(operation),
            "{operation} is called {count} times, of {calls:?}"
        );
    }
}

#[test]
fn many_scaled_services_are_planned_in_pages() {
    let stage = Stage::in_lab();
    stage.cluster("main");
    let task_definition = stage.task_definition("app", "app:v1");
    let main = services(30, &task_definition, SCALED) + &sets(30);
    let project = stage.project(&main);
    project.apply().ok();
    let calls = calls_of_a_plan(&stage, &project);
    at_most(
        &calls,
        &[
            ("ListServices", 1),
            // A busy machine reads in smaller groups: what counts is that nothing is read once for each service.
            ("DescribeServices", 3 + 12),
            ("DescribeScalableTargets", 1 + 10),
            // Some are asked for one by one; two of each service make six pages.
            ("DescribeScalingPolicies", 12 + 12),
            ("DescribeScheduledActions", 12 + 8),
            ("DescribeScalingActivities", 12 + 8),
            ("DescribeAlarms", 20),
        ],
    );
}

#[test]
fn many_services_behind_rules_are_planned_in_pages() {
    let stage = Stage::in_lab();
    stage.cluster("main");
    let task_definition = stage.task_definition("app", "app:v1");
    let (balancer, rules) = behind_rules(&stage, 24);
    let main = services(24, &task_definition, &balancer) + &rules;
    let project = stage.project(&main);
    project.apply().ok();
    let calls = calls_of_a_plan(&stage, &project);
    at_most(
        &calls,
        &[
            ("ListServices", 1),
            ("DescribeServices", 3 + 12),
            ("DescribeServiceRevisions", 2 + 12),
            // Some one by one, and the listener's at once.
            ("DescribeRules", 1 + 15),
            ("DescribeTags", 2 + 12),
            ("DescribeTargetGroups", 3 + 10),
        ],
    );
}

/// A fault that two of five calls meet: AWS says that there are too many.
fn throttled() -> Fault {
    Fault {
        service: "*".to_owned(),
        operation: "*".to_owned(),
        nth: None,
        first: None,
        count: None,
        percent: Some(40),
        kind: FaultKind::Throttle,
        latency_ms: None,
        seconds: None,
    }
}

#[test]
fn many_services_are_made_and_planned_while_two_of_five_calls_are_refused() {
    let stage = Stage::in_lab();
    stage.cluster("main");
    let task_definition = stage.task_definition("app", "app:v1");
    let deployment = "\n  deployment { strategy = \"rolling\" }\n";
    let project = stage.project(&services(12, &task_definition, deployment));
    stage.lab().add_faults(vec![throttled()]);
    project.apply().ok();
    project.plans_nothing();
    stage.lab().clear_faults();
    project.plans_nothing();
}
