//! The scenarios of `examples/terraform/scenarios`, as a user runs them.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::Stage;
use switchyard_harness::load::Load;

use crate::APP;
use crate::aws_provider::{project, with};

/// A scenario's folder.
pub(crate) fn scenario(name: &str) -> PathBuf {
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
    let deployment = crate::last_deployment(&project.state(APP))["id"].clone();
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
        "Check the logs of the stopped tasks",
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

#[test]
fn gated_canary_from_first_apply_through_a_failed_gate_to_destroy() {
    let stage = Stage::new();
    let project = project(&stage, &scenario("gated-canary"));
    let report = || -> Value {
        let text = std::fs::read_to_string(project.folder().join("deployments/last.json"));
        serde_json::from_str(&text.unwrap()).unwrap()
    };
    let verdicts = || -> Vec<(String, String)> {
        let gates = report()["deployment"]["gates"].clone();
        let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let gates = gates.as_array().unwrap().iter();
        gates
            .map(|entry| (word(entry, "moment"), word(entry, "verdict")))
            .collect()
    };
    let said = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter()
            .map(|&(moment, verdict)| (moment.to_owned(), verdict.to_owned()))
            .collect()
    };

    for image in ["image=shop:v1", "image=shop:v2"] {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
    }
    assert_eq!(
        verdicts(),
        said(&[
            ("before_traffic", "passed"),
            // Nobody asked: the scenario lets that pass, and it is told.
            ("step", "no_data"),
            ("bake", "no_data"),
        ])
    );

    // Its health check is fine, and every visitor gets an error: a tenth of them do, until the gate has seen it.
    let broken = "image=shop:v3--5xx-rate-100";
    let listeners = stage.lab().listeners().unwrap();
    let production = listeners
        .iter()
        .find(|listener| listener.port == 80)
        .unwrap();
    // A tenth of these is enough for the gate: at least twenty requests a minute.
    let visit = Duration::from_millis(120);
    let load = Load::start(&production.url, 2, stage.lab().visitors(visit));
    let failed = with(&project, "apply", broken);
    let visitors = load.stop(1);
    failed.fails_saying(&[
        "traffic is on revision gated-canary:2",
        "Gate `errors` has failed at 10 %",
        "SY0217",
    ]);
    assert!(
        visitors.failed() > 0 && visitors.share("gated-canary:2") > 0.8,
        "{:?}",
        visitors.failures
    );
    assert_eq!(
        verdicts(),
        said(&[("before_traffic", "passed"), ("step", "failed")])
    );
    with(&project, "plan", broken).fails_saying(&["SY0016"]);
    assert_eq!(report()["deployment"]["outcome"], "rolled_back");
    let kept = crate::last_deployment(&project.state(APP))["gates"].clone();
    assert_eq!(kept, json!({ "answers": "passed", "errors": "failed" }));

    with(&project, "destroy", "image=shop:v2").ok();
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
    ] {
        let left = stage.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}
