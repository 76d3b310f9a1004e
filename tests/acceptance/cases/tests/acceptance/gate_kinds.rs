//! Gates that run commands and functions and look at other services, with the real Terraform and under the policies of the
//! guide.

use serde_json::json;

use crate::permissions::{self, ALWAYS, GATES, RUNNING_GATES, each_was_needed};
use crate::{APP, CANARY, Scene};

/// A revision in the family that the policies name; its command says what the container does.
fn definition(scene: &Scene, tag: &str) -> String {
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "containerDefinitions": [{
                "name": "app", "image": format!("web:{tag}"), "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.expect("ECS names what it registered").to_owned()
}

fn gates(command: &str, function: &str) -> String {
    format!(
        "[\n  {{ name = \"smoke\", when = [\"before_traffic\"], http = {{ target = \"new_targets\", path = \"/cart\" }} }},\n  \
         {{ name = \"load\", when = [\"before_traffic\"], order = 2, http = {{ target = \"new_targets\", path = \"/cart\", \
         load = {{ requests = 40, concurrency = 8, p95 = \"30s\" }} }} }},\n  \
         {{ name = \"tests\", when = [\"before_traffic\"], order = 3, command = {{ command = [\"test\", {command:?}] }} }},\n  \
         {{ name = \"judge\", when = [\"before_traffic\"], order = 3, function = {{ function_name = {function:?} }} }},\n  \
         {{ name = \"itself\", when = [\"bake\"], dependency = {{ service = \"web\" }} }}\n]"
    )
}

#[test]
fn commands_functions_load_and_dependencies_decide_a_deployment() {
    let scene = Scene::new();
    permissions::restrict(&scene, &[ALWAYS, GATES, RUNNING_GATES]);
    let service = |definition: &str, gates: &str| {
        let service = scene.native(definition).deployment(CANARY);
        service.set("gate", gates).hcl()
    };
    let first = definition(&scene, "v1");
    let project = scene.stage.project(&service(&first, ""));
    project.apply().ok();

    let second = definition(&scene, "v2");
    project.write(
        "main.tf",
        &service(&second, &gates("--exit-0-after-30s", "judge")),
    );
    project.apply().ok();
    let state = project.state(APP);
    assert_eq!(state["live_task_definition"], second);
    let last = state["last_deployment"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    for gate in ["smoke", "load", "tests", "judge", "itself"] {
        assert!(
            last.contains(&format!("gate.{gate}=passed")),
            "{gate} in {last}"
        );
    }
    project.plans_nothing();

    // The function refuses while the command still runs: the command is stopped, and nobody notices.
    let third = definition(&scene, "v3");
    project.write(
        "main.tf",
        &service(&third, &gates("--latency-1ms", "judge-fails")),
    );
    let _ = project
        .apply()
        .fails_saying(&["Gate `judge`", "the cart is empty", "SY0217"]);
    assert_eq!(project.state(APP)["live_task_definition"], second);
    project.destroy().ok();
    each_was_needed(&scene, RUNNING_GATES, &[]);
}
