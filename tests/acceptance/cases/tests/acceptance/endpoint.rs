//! The suite at an endpoint that it did not start.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use switchyard_acceptance::{NEEDS, needs};
use switchyard_harness::{Capability, Endpoint, Kind, Program, Stage};

use crate::{APP, CANARY, Scene};

/// Names of all cases of this program.
fn cases() -> BTreeSet<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let cases = text.lines().filter_map(|line| line.strip_suffix(": test"));
    cases.map(str::to_owned).collect()
}

#[test]
fn every_case_says_what_it_needs() {
    let cases = cases();
    assert!(cases.contains("endpoint::every_case_says_what_it_needs"));
    let silent: Vec<_> = cases.iter().filter(|case| needs(case).is_none()).collect();
    assert!(
        silent.is_empty(),
        "give these cases, or their module, a row in src/needs.rs: {silent:?}"
    );
    let about_nothing: Vec<_> = NEEDS
        .iter()
        .map(|(row, _)| row)
        .filter(|row| row.contains("::") && !cases.iter().any(|case| case.starts_with(**row)))
        .collect();
    assert!(
        about_nothing.is_empty(),
        "these rows of src/needs.rs name no case: {about_nothing:?}"
    );
}

#[test]
fn the_guide_names_the_emulators_that_are_tested() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let guide = std::fs::read_to_string(folder.join("docs/guides/endpoints.md")).unwrap();
    for program in [Program::LocalStack, Program::MiniStack, Program::Moto] {
        let version = format!("{program} {}", program.version());
        assert!(
            guide.contains(&version),
            "the guide names another {version}"
        );
    }
    for requirement in Program::LocalStack.requirements() {
        assert!(
            guide.contains(&requirement),
            "the guide lacks {requirement}"
        );
    }
    let makefile = std::fs::read_to_string(folder.join("Makefile")).unwrap();
    assert!(makefile.contains("\ntest-endpoint:"));
}

/// A lab, and what makes another program see it as an endpoint with that pace.
fn lab() -> (Stage, String, Vec<(String, String)>) {
    let lab = Stage::in_lab();
    let url = lab.lab().endpoint();
    let mut settings = lab.environment();
    settings.retain(|(name, _)| name != "AWS_ENDPOINT_URL");
    (lab, url, settings)
}

#[test]
fn cases_follow_each_other_at_one_endpoint() {
    let (lab, url, settings) = lab();
    let endpoint = Endpoint::at(&url, &settings);
    assert_eq!(*endpoint.kind(), Kind::Lab);
    let lacking: Vec<_> = endpoint.lacking().into_keys().collect();
    assert_eq!(
        lacking,
        [Capability::LabControls, Capability::OwnEndpoint],
        "a lab has everything else"
    );

    for _ in 0..2 {
        let scene = Scene::on(Stage::on(Endpoint::at(&url, &settings)));
        let project = scene.stage.project(&scene.native(&scene.v1).hcl());
        project.apply().ok();
        let v2 = scene.stage.task_definition("web", "web:v2");
        project.write("main.tf", &scene.native(&v2).deployment(CANARY).hcl());
        project.apply().ok();
        assert_eq!(project.state(APP)["task_definition"], v2);
        project.plans_nothing();
        // The service is still there; whoever ends a case takes it away with the cluster.
    }
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("ecs", "ListTaskDefinitions", "taskDefinitionArns"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
    ] {
        let left = lab.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}

#[test]
fn a_cluster_that_others_made_is_left_alone() {
    let (lab, url, settings) = lab();
    lab.cluster("main");
    let endpoint = Endpoint::at(&url, &settings);
    let refusal = endpoint
        .call("ecs", "CreateCluster", &json!({ "clusterName": "main" }))
        .unwrap_err();
    assert!(
        refusal.contains("has a cluster \"main\" already"),
        "{refusal}"
    );
    drop(endpoint);
    let clusters = lab.call("ecs", "ListClusters", json!({}));
    assert_eq!(clusters["clusterArns"].as_array().unwrap().len(), 1);
}
