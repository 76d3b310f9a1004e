//! The scenario `staged-traffic`: one configuration, three environments side by side in one account, and a version
//! that goes through them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use switchyard_harness::load::LoadReport;
use switchyard_harness::{Project, Run, Running, Stage};

use crate::modules::copy;

const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// Requests at one weight from which a share means something.
const ENOUGH: usize = 40;

/// The scenario with a workspace for each environment.
struct Scenario {
    stage: Stage,
    project: Project,
}

impl Scenario {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = crate::examples::folder().join("scenarios/staged-traffic");
        let project = copy(&stage, &folder, "staged-traffic");
        // A container of the lab ends by itself when its tag says so.
        let data = "migrations_image = \"migrations:v1--exit-0\"\nprotected = false\n";
        project.write("data.auto.tfvars", data);
        for environment in ENVIRONMENTS {
            project
                .run(&["workspace", "select", "-or-create", environment])
                .ok();
        }
        Self { stage, project }
    }

    /// Starts a command without questions in the workspace and with the settings of an environment.
    fn start(&mut self, command: &str, environment: &str, image: &str) -> Running {
        let file = format!("-var-file={}", settings(environment));
        let image = format!("-var=image={image}");
        let mode = match command {
            "plan" => "-detailed-exitcode",
            _ => "-auto-approve",
        };
        self.project.set("TF_WORKSPACE", environment);
        let arguments = [command, "-input=false", "-no-color", mode, &file, &image];
        self.project.start(&arguments)
    }

    /// The same in several environments at once.
    fn all(&mut self, command: &str, environments: &[&str], image: &str) {
        let running: Vec<_> = environments
            .iter()
            .map(|environment| self.start(command, environment, image))
            .collect();
        for run in running.into_iter().map(Running::finish) {
            run.ok();
        }
    }

    /// An output of an environment.
    fn output(&mut self, environment: &str, name: &str) -> Value {
        self.project.set("TF_WORKSPACE", environment);
        let run = self.project.run(&["output", "-json", name]).ok();
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// Applies an image to production under load, beside what `meanwhile` does.
    fn roll_out(&mut self, image: &str, meanwhile: impl FnOnce(&mut Self)) -> (Run, LoadReport) {
        let listeners = self.stage.lab().listeners().unwrap();
        let production = listeners
            .iter()
            .find(|listener| listener.load_balancer_name == "accounts-prod" && listener.port == 443)
            .unwrap();
        let load = self.stage.listener_load(&production.listener_arn, 2);
        let running = self.start("apply", "prod", image);
        meanwhile(self);
        let run = running.finish();
        (run, load.stop(1))
    }
}

/// The file with an environment's settings.
fn settings(environment: &str) -> String {
    format!("environments/{environment}.tfvars")
}

/// The new side was held at these shares of production, in this order, and that many of the requests reached the new
/// revision. Other shares come in between and are left again at once.
#[track_caller]
fn was_held_at(weights: &[u32], report: &LoadReport, new_side: &str, revision: &str) {
    let mut seen: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    let mut path: Vec<u32> = Vec::new();
    for sample in &report.samples {
        let Some(now) = &sample.weights else {
            continue;
        };
        let weight = now.get(new_side).copied().unwrap_or_default();
        let (all, new) = seen.entry(weight).or_default();
        *all += 1;
        *new += usize::from(sample.revision.as_deref() == Some(revision));
        if path.last() != Some(&weight) {
            path.push(weight);
        }
    }
    assert!(path.is_sorted(), "weights of production: {path:?}");
    let requests = |weight: &u32| seen.get(weight).map_or(0, |&(all, _)| all);
    let least = weights.iter().map(requests).min().unwrap_or_default();
    assert!(least >= ENOUGH, "requests by weight: {seen:?}");
    for (weight, (all, new)) in &seen {
        if !weights.contains(weight) {
            assert!(*all < least, "{weight} % was held: {seen:?}");
            continue;
        }
        let count = |number: &usize| f64::from(u32::try_from(*number).unwrap());
        let share = count(new) * 100.0 / count(all);
        println!("at {weight} %: {new} of {all} requests reached {revision}");
        let off = (share - f64::from(*weight)).abs();
        assert!(off <= 4.0, "at {weight} %: {new} of {all} requests");
    }
}

#[test]
fn staged_traffic_through_three_environments_and_a_broken_version_to_destroy() {
    let mut scenario = Scenario::new();
    scenario.all("apply", &ENVIRONMENTS, "accounts:v1");

    // The settings of one environment in the workspace of another one.
    let settings = [
        "-var=image=accounts:v1",
        "-var-file=environments/prod.tfvars",
    ];
    scenario.project.set("TF_WORKSPACE", "staging");
    let mixed_up = scenario
        .project
        .start(&[&["plan", "-input=false", "-no-color"], &settings[..]].concat());
    scenario.all("plan", &["prod"], "accounts:v1");
    mixed_up.finish().fails_saying(&[
        "These are the settings of \"prod\", and the workspace is \"staging\"",
        "terraform workspace select -or-create prod",
    ]);

    let before = scenario.output("prod", "live_target_group");
    let (run, visitors) = scenario.roll_out("accounts:v2", |scenario| {
        scenario.all("plan", &["dev", "staging"], "accounts:v1");
        scenario.all("apply", &["dev", "staging"], "accounts:v2");
    });
    run.ok();
    assert_eq!(visitors.failed(), 0, "{:?}", visitors.failures);
    let live = scenario.output("prod", "live_target_group");
    assert_ne!(live, before, "the sides have swapped");
    let new_side = live.as_str().unwrap();
    was_held_at(
        &[0, 10, 50, 100],
        &visitors,
        new_side,
        "accounts-prod-app:2",
    );
    scenario.all("plan", &["prod"], "accounts:v2");

    // Healthy, and every request fails: the smoke test sees it, and no visitor does.
    let broken = "accounts:v3--5xx-rate-100";
    let (run, visitors) = scenario.roll_out(broken, |scenario| {
        scenario.all("plan", &["dev", "staging"], "accounts:v2");
    });
    run.fails_saying(&[
        "traffic is on revision accounts-prod-app:2",
        "Gate `smoke` has failed",
        "SY0217",
    ]);
    assert!(visitors.reached("accounts-prod-app:2") > ENOUGH);
    assert_eq!(visitors.failed(), 0, "{:?}", visitors.failures);
    assert_eq!(visitors.reached("accounts-prod-app:3"), 0);
    let report = scenario.project.folder().join("deployments/prod.json");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["deployment"]["outcome"], "rolled_back");

    // One migration for each version, in each environment with data, and none by a plan; and the service knows where the
    // data is.
    let calls = scenario.stage.lab().call_counts();
    assert_eq!(calls["ecs"]["RunTask"], 5, "{:?}", calls["ecs"]);
    let input = json!({ "taskDefinition": "accounts-prod-app:2" });
    let answer = scenario.stage.call("ecs", "DescribeTaskDefinition", input);
    let container = answer["taskDefinition"]["containerDefinitions"][0].to_string();
    for name in ["DB_HOST", "REDIS_HOST", "DB_PASSWORD"] {
        assert!(container.contains(name), "{container}");
    }

    scenario.all("destroy", &ENVIRONMENTS, "accounts:v2");
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
        ("cloudwatch", "DescribeAlarms", "MetricAlarms"),
        ("cloudwatch", "ListDashboards", "DashboardEntries"),
    ] {
        let left = scenario.stage.call(service, operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}
