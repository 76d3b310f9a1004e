//! The scenario `checked-release`: its script, run as a pipeline runs it, with drift in the way and with a version that
//! fails its gates.

use serde_json::{Value, json};
use switchyard_harness::{Project, Stage};

use crate::aws_provider::with;
use crate::modules::{copy, script};

/// Where the scenario is.
struct Scenario {
    stage: Stage,
    project: Project,
}

impl Scenario {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = crate::examples::folder().join("scenarios/checked-release");
        let project = copy(&stage, &folder, "checked-release");
        let script = std::fs::read_to_string(folder.join("release.sh")).unwrap();
        project.write("release.sh", &script);
        Self { stage, project }
    }

    /// Exit code and words of the script for an image.
    fn release(&self, image: &str) -> (i32, String) {
        let image = format!("image={image}");
        script(&self.stage, &self.project, "release.sh", &["-var", &image])
    }

    /// The account of the last deployment.
    fn report(&self) -> Value {
        let path = self.project.folder().join("deployments/last.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// The stored snapshots.
    fn snapshots(&self) -> usize {
        let folder = self.project.folder().join("switchyard-snapshots/cases/api");
        let folder = folder.join("123456789012/eu-west-1");
        let names = std::fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".json")).count()
    }

    /// Somebody sends production requests of some paths only to the service.
    fn reroute(&self) {
        let listeners = self.stage.lab().listeners().unwrap();
        let production = listeners
            .iter()
            .find(|listener| listener.port == 443)
            .unwrap();
        let input = json!({ "ListenerArn": production.listener_arn });
        let rules = self.stage.call("elbv2", "DescribeRules", input);
        let rules = rules["Rules"].as_array().unwrap().iter();
        let rule = rules
            .clone()
            .find(|rule| rule["Priority"] == "100")
            .unwrap();
        let conditions = json!([{ "Field": "path-pattern", "Values": ["/old/*"] }]);
        let input = json!({ "RuleArn": rule["RuleArn"], "Conditions": conditions });
        self.stage.call("elbv2", "ModifyRule", input);
    }
}

#[test]
fn checked_release_blocks_on_drift_succeeds_goes_back_and_is_destroyed() {
    let scenario = Scenario::new();
    let (code, text) = scenario.release("cases:v1");
    assert_eq!(code, 0, "{text}");
    assert_eq!(scenario.snapshots(), 1);
    with(&scenario.project, "plan", "image=cases:v1").ok();

    scenario.reroute();
    let (code, text) = scenario.release("cases:v2");
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("rule.conditions"), "{text}");
    assert_eq!(scenario.stage.deployments("cases", "api").len(), 1);
    with(&scenario.project, "apply", "image=cases:v1").ok();

    let (code, text) = scenario.release("cases:v2");
    assert_eq!(code, 0, "{text}");
    let report = scenario.report();
    assert_eq!(report["deployment"]["outcome"], "succeeded");
    assert_eq!(report["deployment"]["score"], 100);
    assert_eq!(scenario.snapshots(), 2, "one after each release");
    with(&scenario.project, "plan", "image=cases:v2").ok();

    let (code, text) = scenario.release("cases:v3--5xx-rate-100");
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("traffic is on revision cases:2") && text.contains("`smoke`"),
        "{text}"
    );
    assert_eq!(scenario.report()["deployment"]["outcome"], "rolled_back");
    assert_eq!(scenario.snapshots(), 2, "nothing new is live");

    with(&scenario.project, "destroy", "image=cases:v2").ok();
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
        ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
    ] {
        let left = scenario.stage.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}

#[test]
fn the_table_of_scenarios_leads_to_each_of_them() {
    let folder = crate::examples::folder().join("scenarios");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let scenarios = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap());
    for scenario in scenarios.filter(|entry| entry.path().is_dir()) {
        let name = scenario.file_name().into_string().unwrap();
        assert!(table.contains(&format!("({name}/")), "{name} is missing");
    }
    let links = table.split("](").skip(1);
    for link in links.filter_map(|rest| rest.split(')').next()) {
        assert!(folder.join(link).exists(), "{link} leads nowhere");
    }
}
