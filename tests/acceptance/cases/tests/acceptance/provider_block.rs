//! The provider's own configuration.

use serde_json::json;

use crate::{APP, Scene};

#[test]
fn validation_needs_no_credentials_and_no_endpoint() {
    let scene = Scene::new();
    let mut project = scene.stage.project(&scene.native(&scene.v1).hcl());
    for name in [
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        project.set(name, "");
    }
    scene.stage.lab().clear_calls();
    let _ = project.validate().ok();
    assert!(scene.stage.lab().calls().is_empty());
}

#[test]
fn missing_credentials_are_said_clearly() {
    let scene = Scene::new();
    let mut project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.set("AWS_ACCESS_KEY_ID", "");
    project.set("AWS_SECRET_ACCESS_KEY", "");
    project.set("HOME", &project.scratch().display().to_string());
    project.apply().fails_saying(&["no usable AWS credentials"]);
}

#[test]
fn a_missing_region_is_said_clearly() {
    let scene = Scene::new();
    let mut project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.set("AWS_REGION", "");
    project.set("HOME", &project.scratch().display().to_string());
    project.apply().fails_saying(&["region"]);
}

#[test]
fn another_account_is_refused_before_anything_is_read() {
    let scene = Scene::new();
    let hcl = scene
        .native(&scene.v1)
        .provider("allowed_account_ids = [\"999999999999\"]")
        .hcl();
    let project = scene.stage.project(&hcl);
    project
        .apply()
        .fails_saying(&["123456789012", "allowed_account_ids"]);
    assert_eq!(scene.stage.service("main", "web"), serde_json::Value::Null);
    assert!(
        scene
            .stage
            .lab()
            .calls()
            .iter()
            .all(|call| call.operation == "GetCallerIdentity"),
        "{:?}",
        scene.stage.lab().calls()
    );
}

#[test]
fn unknown_values_in_the_provider_block_do_not_fail_a_plan() {
    let scene = Scene::new();
    let mut hcl = scene
        .native(&scene.v1)
        .provider("default_tags = { Build = terraform_data.build.id }")
        .hcl();
    hcl += "\nresource \"terraform_data\" \"build\" {}\n";
    let project = scene.stage.project(&hcl);
    assert_eq!(project.plan().changes().len(), 2);
    project.apply().ok();
    project.plans_nothing();
    let tags = project.state(APP)["tags_all"].clone();
    assert!(tags["Build"].is_string(), "{tags}");
}

#[test]
fn endpoints_and_keys_of_the_block_and_the_environment_are_used() {
    let scene = Scene::new();
    let endpoint = scene.stage.lab().endpoint();
    let block = format!(
        "region = \"eu-central-1\"\n  endpoint = \"http://127.0.0.1:9\"\n  max_retries = 1\n  endpoints = {{ ecs = {endpoint:?}, elasticloadbalancingv2 = {endpoint:?} }}"
    );
    // ARNs of another region would be refused before anything is read.
    let hcl = scene.native(&scene.v1).provider(&block).hcl();
    let mut project = scene
        .stage
        .project(&hcl.replace("eu-west-1", "eu-central-1"));
    project.set("AWS_ENDPOINT_URL", "");
    let run = project.try_plan();
    assert!(
        run.words().contains("eu-central-1") || run.code == 1 || run.code == 0,
        "{}",
        run.text()
    );
    let regions: Vec<_> = scene
        .stage
        .lab()
        .calls()
        .into_iter()
        .map(|call| call.region)
        .collect();
    assert!(
        !regions.is_empty() && regions.iter().all(|region| region == "eu-central-1"),
        "{regions:?}"
    );
}

/// A rolling service without a load balancer.
fn rolling(name: &str, region: &str, task_definition: &str) -> String {
    format!(
        r#"
resource "switchyard_blue_green_service" "{name}" {{
  name            = "web"
  cluster         = "main"
  {region}
  task_definition = "{task_definition}"
  launch_type     = "FARGATE"
  desired_count   = 1

  network_configuration {{
    subnets = ["subnet-1"]
  }}

  deployment {{
    strategy = "rolling"
  }}
}}
"#
    )
}

/// Cluster and task definition under the names of the scene, in another region.
pub(crate) fn furnish(stage: &switchyard_harness::Stage, region: &str) {
    let call = |operation: &str, input: serde_json::Value| {
        let answer = stage.lab().call_in(Some(region), "ecs", operation, input);
        answer.unwrap_or_else(|refused| panic!("{operation}: {refused:?}"));
    };
    call("CreateCluster", json!({ "clusterName": "main" }));
    for tag in ["v1", "v2"] {
        call(
            "RegisterTaskDefinition",
            json!({
                "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
                "cpu": "256", "memory": "512",
                "containerDefinitions": [{ "name": "app", "image": format!("app:{tag}"), "essential": true }],
            }),
        );
    }
}

pub(crate) const HEAD: &str = r#"
terraform {
  required_providers {
    switchyard = { source = "switchyard/switchyard" }
  }
}

provider "switchyard" {
  region = "eu-west-1"
}
"#;

#[test]
fn one_block_holds_services_in_two_regions_and_imports_them() {
    let scene = Scene::new();
    furnish(&scene.stage, "us-west-2");
    let west = "region          = \"us-west-2\"";
    let both = |revision: u32| {
        HEAD.to_owned()
            + &rolling("here", "", &scene.v1)
            + &rolling("there", west, &format!("web:{revision}"))
    };
    let project = scene.stage.project(&both(1));
    project.apply().ok();
    project.plans_nothing();
    let (here, there) = (
        "switchyard_blue_green_service.here",
        "switchyard_blue_green_service.there",
    );
    assert_eq!(project.state(here)["region"], "eu-west-1");
    assert_eq!(project.state(there)["region"], "us-west-2");
    let before = scene.stage.deployments("main", "web");

    project.write("main.tf", &both(2));
    project.apply().ok();
    let live = project.state(there)["live_task_definition"].to_string();
    assert!(
        live.contains(":us-west-2:") && live.contains("web:2"),
        "{live}"
    );
    assert_eq!(scene.stage.deployments("main", "web"), before);

    project.run(&["state", "rm", there]).ok();
    project.run(&["import", there, "main/web@us-west-2"]).ok();
    project.plans_nothing();
    project.destroy().ok();
}

#[test]
fn malformed_settings_are_refused_at_the_attribute() {
    let scene = Scene::new();
    let cases = [
        ("endpoint = \"localhost:4566\"", "must be a URL"),
        ("allowed_account_ids = [\"12\"]", "12-digit account id"),
        (
            "endpoints = { s4 = \"http://localhost\" }",
            "must be one of",
        ),
        ("max_retries = -1", "must be between 0 and 100"),
        ("region = \"eu-west-1\\n\"", "must have no line breaks"),
        ("endpoint = \"http://[::bad\"", "SY0036"),
    ];
    for (block, message) in cases {
        let project = scene
            .stage
            .project(&scene.native(&scene.v1).provider(block).hcl());
        let _ = project.try_plan().fails_saying(&[message]);
    }
}
