//! The scenario `court-case`: a whole system, a good release, a bad one, and the way back by hand.

use serde_json::{Value, json};
use switchyard_harness::{Project, Stage};

use crate::aws_provider::with;
use crate::modules::{copy, script};
use crate::modules_ecs::leaves_nothing;

/// What the newest deployment came to.
fn outcome(project: &Project) -> Value {
    let path = project.folder().join("deployments/last.json");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    report["deployment"].clone()
}

/// The revision that is live, as the scenario says.
fn live(project: &Project) -> String {
    let run = project
        .run(&["output", "-raw", "live_task_definition"])
        .ok();
    let revision = run.stdout.trim().rsplit('/').next().unwrap_or_default();
    revision.to_owned()
}

#[test]
fn court_case_from_first_apply_through_a_broken_version_and_a_drill_to_destroy() {
    let stage = Stage::new();
    let folder = crate::examples::folder().join("scenarios/court-case");
    let project = copy(&stage, &folder, "court-case");
    project.write("protected.auto.tfvars", "protected = false\n");
    with(&project, "apply", "image=cases:v1").ok();
    with(&project, "plan", "image=cases:v1").ok();

    with(&project, "apply", "image=cases:v2").ok();
    let report = outcome(&project);
    assert_eq!(report["outcome"], "succeeded");
    assert_eq!(report["score"], 100);
    assert_eq!(live(&project), "court-case-api:2");

    with(&project, "apply", "image=cases:v3--5xx-rate-100")
        .fails_saying(&["traffic is on revision court-case-api:2", "`smoke`"]);
    assert_eq!(outcome(&project)["outcome"], "rolled_back");

    // The drill: the way back by hand is a command, and takes less than the objective.
    let drill = "set -e\nswitchyard rollback api --cluster court-case --to court-case-api:1 --reason drill --yes\n";
    project.write("drill.sh", drill);
    let (code, words) = script(&stage, &project, "drill.sh", &[]);
    assert_eq!(code, 0, "{words}");
    let service = stage.service("court-case", "api");
    let running = service["taskDefinition"].as_str().unwrap();
    assert!(running.ends_with("court-case-api:1"), "{running}");

    let input = json!({ "AlarmNamePrefix": "court-case-" });
    let alarms = stage.call("cloudwatch", "DescribeAlarms", input);
    let alarms = alarms["MetricAlarms"].as_array().unwrap().len();
    assert!(
        alarms > 10,
        "{alarms} alarms watch the service and its data"
    );

    with(&project, "destroy", "image=cases:v2").ok();
    leaves_nothing(&stage);
}
