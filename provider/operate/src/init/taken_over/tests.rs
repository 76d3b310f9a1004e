//! States of hashicorp/aws 5 and 6, cut to what counts.

use serde_json::json;

use super::*;

fn resource(kind: &str, name: &str, values: &Value) -> Value {
    json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "values": values })
}

fn state(resources: &[Value]) -> Value {
    json!({ "values": { "root_module": { "resources": resources } } })
}

fn taken(state: &Value, address: &str) -> Result<String, String> {
    let mut out = Vec::new();
    let mut console = Console {
        out: &mut out,
        output: Output::Text,
        color: false,
        width: None,
        input: None,
        yes: false,
        acted: Vec::new(),
    };
    let taken = take_over(&state.to_string(), address, &mut console);
    taken.map_err(|trouble| trouble.to_string())?;
    let text = String::from_utf8(out).unwrap();
    let text = text.lines().filter(|line| !line.starts_with('#'));
    Ok(text.map(|line| format!("{line}\n")).collect())
}

#[test]
fn a_canary_refers_to_the_resources_that_its_values_belong_to() {
    let service = json!({
        "name": "web", "cluster": "arn:aws:ecs:eu-west-1:1:cluster/main", "region": "eu-west-1",
        "task_definition": "arn:aws:ecs:eu-west-1:1:task-definition/web:7", "desired_count": 2,
        "launch_type": "FARGATE", "platform_version": "LATEST", "scheduling_strategy": "REPLICA",
        "propagate_tags": "SERVICE", "health_check_grace_period_seconds": 90, "enable_execute_command": true,
        "deployment_controller": [{ "type": "ECS" }], "deployment_maximum_percent": 200,
        "network_configuration": [{ "subnets": ["subnet-1", "subnet-2"], "security_groups": [], "assign_public_ip": true }],
        "load_balancer": [{
            "container_name": "app", "container_port": 8080, "elb_name": "", "target_group_arn": "arn:blue",
            "advanced_configuration": [{
                "alternate_target_group_arn": "arn:green", "production_listener_rule": "arn:rule",
                "test_listener_rule": "", "role_arn": "arn:role",
            }],
        }],
        "deployment_configuration": [{
            "strategy": "CANARY", "bake_time_in_minutes": "90",
            "canary_configuration": [{ "canary_percent": 10, "canary_bake_time_in_minutes": "5" }],
            "lifecycle_hook": [{
                "hook_target_arn": "arn:check", "lifecycle_stages": ["POST_SCALE_UP"], "role_arn": "arn:role", "hook_details": "",
            }],
        }],
        "alarms": [{ "enable": true, "rollback": true, "alarm_names": ["errors"] }],
        "volume_configuration": [{ "name": "data", "managed_ebs_volume": [{
            "role_arn": "arn:role", "encrypted": false, "size_in_gb": 20, "iops": 0, "snapshot_id": "",
            "tag_specifications": [{ "resource_type": "volume", "tags": { "a": "${b}" } }],
        }] }],
        "tags": { "team": "shop" },
    });
    let subnet = json!({
        "address": "aws_subnet.private[\"a\"]", "mode": "managed", "type": "aws_subnet", "name": "private", "index": "a",
        "values": { "id": "subnet-1" },
    });
    let state = state(&[
        resource("aws_ecs_service", "web", &service),
        resource(
            "aws_ecs_cluster",
            "main",
            &json!({ "arn": "arn:aws:ecs:eu-west-1:1:cluster/main", "name": "main" }),
        ),
        resource("aws_lb_target_group", "blue", &json!({ "arn": "arn:blue" })),
        resource("aws_iam_role", "ecs", &json!({ "arn": "arn:role" })),
        resource(
            "aws_appautoscaling_target",
            "web",
            &json!({ "resource_id": "service/main/web" }),
        ),
        subnet,
    ]);
    let expected = r#"moved {
  from = aws_ecs_service.web
  to   = switchyard_blue_green_service.web
}

resource "switchyard_blue_green_service" "web" {
  name                      = "web"
  cluster                   = aws_ecs_cluster.main.arn
  region                    = "eu-west-1"
  task_definition           = "arn:aws:ecs:eu-west-1:1:task-definition/web:7"
  desired_count             = 2
  desired_count_owner       = "autoscaler"
  launch_type               = "FARGATE"
  propagate_tags            = "SERVICE"
  health_check_grace_period = "1m30s"
  enable_execute_command    = true

  network_configuration {
    subnets          = [aws_subnet.private["a"].id, "subnet-2"]
    assign_public_ip = true
  }

  load_balancer {
    container_name           = "app"
    container_port           = 8080
    target_groups            = [aws_lb_target_group.blue.arn, "arn:green"]
    production_listener_rule = "arn:rule"
    role_arn                 = aws_iam_role.ecs.arn
  }

  deployment {
    strategy  = "canary"
    bake_time = "1h30m"

    canary {
      percent  = 10
      interval = "5m"
    }

    alarms {
      names    = ["errors"]
      rollback = true
    }

    lifecycle_hook {
      stages       = ["POST_SCALE_UP"]
      function_arn = "arn:check"
      role_arn     = aws_iam_role.ecs.arn
    }
  }

  volume_configuration {
    name = "data"

    managed_ebs_volume {
      encrypted  = false
      role_arn   = aws_iam_role.ecs.arn
      size_in_gb = 20

      tag_specifications {
        resource_type = "volume"

        tags = {
          a = "$${b}"
        }
      }
    }
  }

  tags = {
    team = "shop"
  }
}
"#;
    assert_eq!(taken(&state, "aws_ecs_service.web").unwrap(), expected);
}

/// A service under CodeDeploy, in a module and with a key.
fn deployed(config: &str) -> Value {
    let place = |mut resource: Value| {
        let address = format!("module.shop.{}", resource["address"].as_str().unwrap());
        resource["address"] = json!(address);
        resource
    };
    let service = json!({
        "name": "web", "cluster": "main", "task_definition": "web:7", "desired_count": 2,
        "deployment_controller": [{ "type": "CODE_DEPLOY" }],
        "load_balancer": [{ "container_name": "app", "container_port": 8080, "target_group_arn": "arn:green" }],
    });
    let mut service = resource("aws_ecs_service", "web", &service);
    service["index"] = json!("eu");
    service["address"] = json!("aws_ecs_service.web[\"eu\"]");
    let group = json!({
        "app_name": "shop", "deployment_group_name": "web", "deployment_config_name": config,
        "ecs_service": [{ "cluster_name": "main", "service_name": "web" }],
        "load_balancer_info": [{ "target_group_pair_info": [{ "target_group": [{ "name": "blue" }, { "name": "green" }] }] }],
    });
    let custom = json!({
        "deployment_config_name": "slow", "traffic_routing_config": [{
            "type": "TimeBasedCanary", "time_based_canary": [{ "percentage": 5, "interval": 20 }], "time_based_linear": [],
        }],
    });
    let target = |name: &str| json!({ "name": name, "arn": format!("arn:{name}") });
    let resources = [
        service,
        resource("aws_codedeploy_deployment_group", "web", &group),
        resource("aws_codedeploy_deployment_config", "slow", &custom),
        resource("aws_lb_target_group", "blue", &target("blue")),
        resource("aws_lb_target_group", "green", &target("green")),
    ];
    json!({ "values": { "root_module": { "child_modules": [{
        "address": "module.shop", "resources": resources.map(place),
    }] } } })
}

#[test]
fn a_service_under_codedeploy_is_what_its_deployment_group_says() {
    let address = "module.shop.aws_ecs_service.web[\"eu\"]";
    let text = taken(&deployed("slow"), address).unwrap();
    let expected = r#"moved {
  from = aws_ecs_service.web["eu"]
  to   = switchyard_blue_green_service.web_eu
}

resource "switchyard_blue_green_service" "web_eu" {
  name            = "web"
  cluster         = "main"
  task_definition = "web:7"
  desired_count   = 2
  controller      = "codedeploy"

  load_balancer {
    container_name = "app"
    container_port = 8080
    target_groups  = [aws_lb_target_group.blue.arn, aws_lb_target_group.green.arn]
  }

  deployment {
    strategy = "canary"

    canary {
      percent  = 5
      interval = "20m"
    }
  }

  codedeploy {
    application       = "shop"
    deployment_group  = "web"
    deployment_config = "slow"
  }
}
"#;
    assert_eq!(text, expected);
    let text = taken(
        &deployed("CodeDeployDefault.ECSLinear10PercentEvery3Minutes"),
        address,
    );
    assert!(text.unwrap().contains("interval = \"3m\""));
    let message = taken(&deployed("unknown"), address).unwrap_err();
    assert!(
        message.ends_with(
            "`switchyard init web --cluster main` reads AWS instead and writes an import block."
        ),
        "{message}"
    );
}

#[test]
fn what_cannot_be_taken_over_is_said_with_what_helps() {
    let task_sets = json!({ "name": "web", "cluster": "main", "deployment_controller": [{ "type": "EXTERNAL" }] });
    let message = taken(
        &state(&[resource("aws_ecs_service", "web", &task_sets)]),
        "aws_ecs_service.web",
    );
    assert!(message.unwrap_err().contains("task sets"));
    let message = taken(&deployed("slow"), "module.shop.aws_ecs_service.web").unwrap_err();
    assert_eq!(
        message,
        "The state in this folder has no `module.shop.aws_ecs_service.web`. Did you mean \
         `module.shop.aws_ecs_service.web[\"eu\"]`?"
    );
    let message = taken(&json!({ "format_version": "1.0" }), "aws_ecs_service.web").unwrap_err();
    assert!(
        message.starts_with("The state in this folder has no resources."),
        "{message}"
    );
}

#[test]
fn addresses_are_told_from_files() {
    for (text, expected) in [
        ("aws_ecs_service.web", true),
        ("module.a[\"b\"].aws_ecs_service.web[0]", true),
        ("state.json", false),
        ("module.json", false),
        ("aws_ecs_cluster.main", false),
    ] {
        assert_eq!(is_source(text), expected, "{text}");
    }
}
