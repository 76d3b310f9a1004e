//! The scenarios of `examples/terraform/scenarios`, as a user runs them.

use std::path::PathBuf;

use serde_json::json;
use switchyard_harness::Stage;

use crate::APP;
use crate::aws_provider::{project, with};

/// A scenario's folder.
fn scenario(name: &str) -> PathBuf {
    crate::examples::folder().join("scenarios").join(name)
}

#[test]
fn quickstart_from_first_apply_to_destroy() {
    let stage = Stage::new();
    let project = project(&stage, &scenario("quickstart"));

    let mut live = Vec::new();
    for (revision, image) in ["image=shop:v1", "image=shop:v2"].into_iter().enumerate() {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
        let state = project.state(APP);
        let task_definition = state["task_definition"].as_str().unwrap().to_owned();
        assert!(
            task_definition.ends_with(&format!("task-definition/quickstart:{}", revision + 1)),
            "{task_definition}"
        );
        live.push(state["live_target_group"].clone());
        assert_eq!(
            stage.deployments("quickstart", "quickstart").len(),
            revision + 1
        );
    }
    assert_ne!(live[0], live[1], "the sides have swapped");

    with(&project, "destroy", "image=shop:v2").ok();
    let clusters = stage.call("ecs", "ListClusters", json!({}));
    assert_eq!(clusters["clusterArns"], json!([]));
    let balancers = stage.call("elbv2", "DescribeLoadBalancers", json!({}));
    assert_eq!(balancers["LoadBalancers"], json!([]));
}

#[test]
fn codedeploy_from_first_apply_through_a_broken_version_to_destroy() {
    let stage = Stage::new();
    let project = project(&stage, &scenario("codedeploy"));
    let revision = |number: u32| format!("task-definition/codedeploy:{number}");
    let live = || {
        let state = project.state(APP);
        let field = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
        (field("task_definition"), field("live_target_group"))
    };

    let mut sides = Vec::new();
    for (number, image) in [(1, "image=shop:v1"), (2, "image=shop:v2")] {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
        let (task_definition, side) = live();
        assert!(
            task_definition.ends_with(&revision(number)),
            "{task_definition}"
        );
        sides.push(side);
    }
    assert_ne!(sides[0], sides[1], "the sides have swapped");
    let deployment = project.state(APP)["deployment_id"].clone();
    let used = stage.call(
        "codedeploy",
        "GetDeployment",
        json!({ "deploymentId": deployment }),
    );
    assert_eq!(
        used["deploymentInfo"]["deploymentConfigName"],
        "CodeDeployDefault.ECSCanary10Percent5Minutes"
    );

    let failed = with(&project, "apply", "image=shop:v3--crash").fails_saying(&[
        "was rolled back; traffic is on revision codedeploy:2",
        "container `app` exited with 1",
        "Look at the logs of the stopped tasks",
    ]);
    // Stopping it early was ours: nobody is to be asked about it.
    assert!(!failed.words().contains("Somebody"), "{}", failed.text());
    let (task_definition, side) = live();
    assert!(task_definition.ends_with(&revision(2)), "{task_definition}");
    assert_eq!(side, sides[1], "traffic is where it was");

    with(&project, "destroy", "image=shop:v2").ok();
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("codedeploy", "ListApplications", "applications"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
        ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
    ] {
        let left = stage.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}
