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
