//! Documents of plans as `terraform show -json` writes them.

use serde_json::json;

use super::*;
use crate::console::Output;

const ARN: &str = "arn:aws:ecs:eu-west-1:1:task-definition/web:7";

/// A plan of a service of ours and its task definition; `service` are more attributes, `unknown` what is not known of it.
fn plan(service: &Value, unknown: &Value) -> Value {
    let mut values = json!({
        "name": "web", "cluster": "main",
        "load_balancer": { "container_name": "app", "container_port": 8080 },
        "network_configuration": { "subnets": ["subnet-1"], "security_groups": null, "assign_public_ip": false },
        "capacity_provider_strategy": [],
    });
    for (name, value) in service.as_object().into_iter().flatten() {
        values[name] = value.clone();
    }
    let definition = json!({
        "family": "web", "cpu": "256", "memory": "512", "ipc_mode": "", "enable_fault_injection": false,
        "requires_compatibilities": ["FARGATE"], "tags": { "a": "b" },
        "container_definitions": "[{\"name\":\"app\",\"image\":\"web:v1\"},{\"name\":\"log\",\"image\":\"log:1\"}]",
        "runtime_platform": [{ "cpu_architecture": "ARM64", "operating_system_family": "" }],
        "proxy_configuration": [{ "type": "APPMESH", "container_name": "envoy", "properties": { "AppPorts": "8080" } }],
        "volume": [
            { "name": "tmp", "host_path": "/tmp", "efs_volume_configuration": [] },
            { "name": "data", "host_path": "", "efs_volume_configuration": [{
                "file_system_id": "fs-1", "root_directory": "/", "transit_encryption": "ENABLED",
                "transit_encryption_port": 0, "authorization_config": [{ "access_point_id": "fsap-1", "iam": "ENABLED" }],
            }] },
        ],
    });
    let resource = |kind: &str, values: &Value| json!({ "address": format!("{kind}.web"), "mode": "managed", "type": kind, "name": "web", "values": values });
    let written = |names: &[&str]| -> Value {
        let each = names.iter().map(|name| {
            (
                (*name).to_owned(),
                json!({ "references": ["aws_ecs_task_definition.web.arn"] }),
            )
        });
        Value::Object(each.collect())
    };
    json!({
        "planned_values": { "root_module": { "resources": [resource(OURS, &values), resource(DEFINITION, &definition)] } },
        "resource_changes": [
            { "address": format!("{OURS}.web"), "change": { "after_unknown": unknown } },
            { "address": format!("{DEFINITION}.web"), "change": { "after_unknown": { "arn": true, "network_mode": true } } },
        ],
        "configuration": { "root_module": { "resources": [
            { "type": OURS, "name": "web",
              "expressions": written(&["task_definition", "load_balancer", "network_configuration", "images"]) },
            { "type": DEFINITION, "name": "web", "expressions": written(&["family", "container_definitions"]) },
        ] } },
    })
}

fn rendered(
    plan: &Value,
    wanted: Document,
    address: Option<&str>,
) -> Result<(Value, Vec<String>), String> {
    let planned = PlannedDocument {
        name: "plan.json".to_owned(),
        text: plan.to_string(),
        address: address.map(str::to_owned),
    };
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
    let (_, notes) = render_planned(&planned, wanted, &mut console).map_err(|it| it.to_string())?;
    Ok((serde_json::from_slice(&out).unwrap(), notes))
}

#[test]
fn the_app_spec_of_a_planned_service_is_the_one_that_codedeploy_gets() {
    let hooks = json!({ "codedeploy": { "hooks": { "before_allow_traffic": "check", "after_install": null } }, "task_definition": ARN });
    let (document, notes) = rendered(&plan(&hooks, &json!({})), Document::AppSpec, None).unwrap();
    let expected = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": ARN,
            "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
            "NetworkConfiguration": { "AwsvpcConfiguration": { "Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED" } },
        } } }],
        "Hooks": [{ "BeforeAllowTraffic": "check" }],
    });
    assert_eq!(document, expected);
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn a_task_definition_that_is_still_to_be_registered_is_the_word_that_codepipeline_replaces() {
    let unknown = json!({ "task_definition": true, "load_balancer": { "target_groups": true } });
    let (document, notes) = rendered(&plan(&json!({}), &unknown), Document::AppSpec, None).unwrap();
    let found = document.pointer("/Resources/0/TargetService/Properties/TaskDefinition");
    assert_eq!(found, Some(&json!("<TASK_DEFINITION>")));
    assert_eq!(notes.len(), 1, "{notes:?}");
}

#[test]
fn what_is_not_known_yet_is_never_left_out() {
    let network =
        json!({ "task_definition": true, "network_configuration": { "subnets": [true] } });
    let message = rendered(&plan(&json!({}), &network), Document::AppSpec, None).unwrap_err();
    assert!(
        message.starts_with(
            "`network_configuration` of `switchyard_blue_green_service.web` is known only after"
        ),
        "{message}"
    );
    let mut containers = plan(&json!({}), &json!({}));
    containers["resource_changes"][1]["change"]["after_unknown"] =
        json!({ "container_definitions": true });
    let message = rendered(&containers, Document::TaskDefinition, None).unwrap_err();
    assert!(
        message.starts_with("`container_definitions` of `aws_ecs_task_definition.web`"),
        "{message}"
    );
    let message = rendered(
        &plan(&json!({ "task_definition": "web:7" }), &json!({})),
        Document::AppSpec,
        None,
    );
    assert!(message.unwrap_err().contains("An AppSpec needs the ARN"));
}

#[test]
fn a_task_definition_is_what_register_task_definition_takes() {
    let (document, _) = rendered(
        &plan(&json!({}), &json!({})),
        Document::TaskDefinition,
        None,
    )
    .unwrap();
    let expected = json!({
        "family": "web", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{ "name": "app", "image": "web:v1" }, { "name": "log", "image": "log:1" }],
        "runtimePlatform": { "cpuArchitecture": "ARM64" },
        "proxyConfiguration": {
            "type": "APPMESH", "containerName": "envoy", "properties": [{ "name": "AppPorts", "value": "8080" }],
        },
        "volumes": [
            { "name": "tmp", "host": { "sourcePath": "/tmp" } },
            { "name": "data", "efsVolumeConfiguration": {
                "fileSystemId": "fs-1", "rootDirectory": "/", "transitEncryption": "ENABLED",
                "authorizationConfig": { "accessPointId": "fsap-1", "iam": "ENABLED" },
            } },
        ],
    });
    assert_eq!(document, expected);
}

#[test]
fn the_task_definition_of_a_service_has_the_images_of_its_pipeline() {
    let images = json!({ "task_definition_owner": "images", "images": { "app": "web:v2" } });
    let address = Some("switchyard_blue_green_service.web");
    let (document, _) = rendered(
        &plan(&images, &json!({})),
        Document::TaskDefinition,
        address,
    )
    .unwrap();
    let image = |index: usize| document["containerDefinitions"][index]["image"].clone();
    assert_eq!([image(0), image(1)], [json!("web:v2"), json!("log:1")]);
    let awaited = plan(&images, &json!({ "images": true }));
    let message = rendered(&awaited, Document::TaskDefinition, address).unwrap_err();
    assert!(message.starts_with("`images` of"), "{message}");
}

#[test]
fn an_address_that_is_not_in_the_plan_is_told_with_the_nearest() {
    let wrong = Some("switchyard_blue_green_service.wbe");
    let message = rendered(&plan(&json!({}), &json!({})), Document::AppSpec, wrong).unwrap_err();
    assert!(
        message.ends_with("Did you mean `switchyard_blue_green_service.web`?"),
        "{message}"
    );
    let empty = json!({ "planned_values": {} });
    let message = rendered(&empty, Document::TaskDefinition, None).unwrap_err();
    assert_eq!(
        message,
        "plan.json has no task definition (`aws_ecs_task_definition`)."
    );
}
