//! One rollout from v1 to a new version under real load: played with [`Rollout`], judged with [`Seen`].
//!
//! ```text
//! Rollout::new(Controller::Ecs, CANARY).play().succeeded().walked(&[0, 10, 100]);
//! Rollout::new(Controller::Ecs, CANARY).image("web:v2--5xx-rate-100").gate(ERRORS).play()
//!     .rolled_back(&["errors"]).failed_within(10);
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use switchyard_harness::load::{Load, LoadReport};
use switchyard_harness::{Held, Project, Run, Running, Service};

use crate::{APP, Scene};

/// Arguments of an apply that is started and interrupted.
pub(crate) const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];

/// The report file of every rollout, in the module's folder.
const REPORT: &str = "deployments/web.json";

/// Requests at one weight from which a share means something.
const ENOUGH: usize = 40;

/// Who moves the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Controller {
    /// ECS, between the two sides of the pair.
    Ecs,
    /// ECS, task by task in the first group of the pair.
    Rolling,
    /// CodeDeploy, with a deployment group of this configuration, made after the first apply.
    CodeDeploy(&'static str),
    /// The apply itself.
    External,
}

impl Controller {
    /// A service of this controller behind the scene's pair.
    pub(crate) fn service(self, scene: &Scene, task_definition: &str) -> Service {
        match self {
            Self::Ecs => scene.native(task_definition),
            Self::Rolling => scene.native(task_definition).load_balancer(&format!(
                "{{ container_name = \"app\", container_port = 8080, target_groups = [{:?}] }}",
                scene.pair.blue
            )),
            Self::CodeDeploy(_) => scene.code_deploy(task_definition),
            Self::External => {
                Service::new("main", "web", task_definition).behind_external(&scene.pair)
            }
        }
    }
}

/// What is rolled out, and how.
#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub(crate) controller: Controller,
    deployment: String,
    image: String,
    gates: Vec<String>,
    health_score: Option<String>,
    settings: Vec<(String, String)>,
}

impl Rollout {
    /// From `web:v1` to `web:v2` with this `deployment` (HCL).
    pub(crate) fn new(controller: Controller, deployment: &str) -> Self {
        Self {
            controller,
            deployment: deployment.to_owned(),
            image: "web:v2".to_owned(),
            gates: Vec::new(),
            health_score: None,
            settings: Vec::new(),
        }
    }

    /// Another image of the new version; its tag says what it does.
    pub(crate) fn image(mut self, image: &str) -> Self {
        self.image = image.to_owned();
        self
    }

    /// One more gate (HCL object). Version 1 comes up without gates.
    pub(crate) fn gate(mut self, gate: &str) -> Self {
        self.gates.push(gate.to_owned());
        self
    }

    /// How gates are weighed against each other (HCL object).
    pub(crate) fn health_score(mut self, score: &str) -> Self {
        self.health_score = Some(score.to_owned());
        self
    }

    /// Another attribute (HCL) of the service, from the first apply on.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    fn hcl(&self, scene: &Scene, task_definition: &str, gated: bool) -> String {
        let service = self.controller.service(scene, task_definition);
        let mut service = service
            .deployment(&self.deployment)
            .set("report_path", &format!("{REPORT:?}"));
        for (name, value) in &self.settings {
            service = service.set(name, value);
        }
        if gated && !self.gates.is_empty() {
            service = service.set("gate", &format!("[{}]", self.gates.join(", ")));
            let score = self.health_score.as_deref();
            service = service.set("health_score", score.unwrap_or_default());
        }
        service.hcl()
    }

    /// Version 1 is up, the new one is written down and not applied.
    pub(crate) fn ready(self) -> Ready {
        let scene = Scene::new();
        self.ready_in(scene)
    }

    /// Like [`Rollout::ready`], in a scene that has been prepared.
    pub(crate) fn ready_in(self, scene: Scene) -> Ready {
        let project = scene.stage.project(&self.hcl(&scene, &scene.v1, false));
        project.apply().ok();
        if let Controller::CodeDeploy(config) = self.controller {
            scene.deployment_group(config);
        }
        let before = project.state(APP);
        let v2 = scene.stage.task_definition("web", &self.image);
        project.write("main.tf", &self.hcl(&scene, &v2, true));
        Ready {
            rollout: self,
            scene,
            project,
            before,
            v2,
        }
    }

    /// Rolls the new version out under load, to the end.
    pub(crate) fn play(self) -> Seen {
        self.ready().play()
    }
}

/// Version 1 is up; the next apply rolls the new one out.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) rollout: Rollout,
    pub(crate) scene: Scene,
    pub(crate) project: Project,
    /// The state before.
    pub(crate) before: Value,
    /// ARN of the new task definition.
    pub(crate) v2: String,
}

impl Ready {
    /// The module as it is written.
    pub(crate) fn main(&self) -> String {
        std::fs::read_to_string(self.project.folder().join("main.tf")).unwrap()
    }

    /// Real load on production.
    pub(crate) fn load(&self) -> Load {
        self.scene.stage.production_load(&self.scene.pair, 2)
    }

    /// Applies under load, to the end.
    pub(crate) fn play(self) -> Seen {
        let load = self.load();
        let run = self.project.apply();
        let report = load.stop(10);
        self.seen(run, report)
    }

    /// Applies under load; once `under_way` holds, time stands still while `interrupt` is done, and the end is awaited.
    #[track_caller]
    pub(crate) fn play_until(
        self,
        under_way: impl Fn(&Self) -> bool,
        interrupt: impl FnOnce(&Running, &Self, Held),
    ) -> Seen {
        let load = self.load();
        let mut running = self.project.start(&APPLY);
        running.wait_for("Modifying...");
        let held = self.scene.stage.hold_when(|| under_way(&self));
        interrupt(&running, &self, held);
        let run = running.finish();
        let report = load.stop(10);
        self.seen(run, report)
    }

    fn seen(self, run: Run, report: LoadReport) -> Seen {
        let after = self.project.state(APP);
        Seen {
            ready: self,
            run,
            report,
            after,
        }
    }

    /// Percent of production traffic on the side that was not live before.
    pub(crate) fn weight(&self) -> u64 {
        let answer = self.scene.stage.call(
            "elbv2",
            "DescribeRules",
            json!({ "RuleArns": [self.scene.pair.rule] }),
        );
        let groups = &answer["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
        let weights = |of_new: bool| -> u64 {
            let groups = groups.as_array().into_iter().flatten();
            groups
                .filter(|group| (group["TargetGroupArn"] == self.new_side()) == of_new)
                .filter_map(|group| group["Weight"].as_u64())
                .sum()
        };
        let (new, old) = (weights(true), weights(false));
        (new * 100).checked_div(new + old).unwrap_or(0)
    }

    /// Whether a rollout of the new version runs.
    pub(crate) fn is_under_way(&self) -> bool {
        let newest = self.scene.stage.deployments("main", "web").remove(0);
        self.deployments() > 1 && newest["status"] == "IN_PROGRESS"
    }

    /// What ECS says about the newest service deployment.
    pub(crate) fn newest(&self) -> Value {
        let newest = self.scene.stage.deployments("main", "web").remove(0);
        let input = json!({ "serviceDeploymentArns": [newest["serviceDeploymentArn"]] });
        let answer = self
            .scene
            .stage
            .call("ecs", "DescribeServiceDeployments", input);
        answer["serviceDeployments"][0].clone()
    }

    /// The target group that was not live before.
    pub(crate) fn new_side(&self) -> String {
        let pair = &self.scene.pair;
        let is_blue = self.before["live_target_group"] == pair.blue.as_str();
        if is_blue { &pair.green } else { &pair.blue }.clone()
    }

    /// Service deployments so far; a rollout that is adopted adds none.
    pub(crate) fn deployments(&self) -> usize {
        self.scene.stage.deployments("main", "web").len()
    }
}

/// Ctrl-C, which arrives before time passes again.
pub(crate) fn ctrl_c(running: &Running, _: &Ready, held: Held) {
    running.signal_group("INT");
    held.until_disturbed();
}

/// A rollout that has ended, one way or the other.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) ready: Ready,
    /// What the apply printed.
    pub(crate) run: Run,
    /// What visitors saw.
    pub(crate) report: LoadReport,
    /// The state after.
    pub(crate) after: Value,
}

impl Seen {
    /// It succeeded: no request failed, the new version is live, nothing is left to do, the accounts say so.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        let seen = Self {
            run: self.run.clone().ok(),
            ..self
        }
        .no_request_failed()
        .live_is_new(true)
        .accounts("succeeded");
        assert_eq!(seen.last("recovery_seconds"), Value::Null);
        assert_eq!(seen.after["quarantined_images"], json!([]));
        seen.ready.project.plans_nothing();
        seen
    }

    /// It failed, said all of `fragments`, and the old version is live again.
    #[track_caller]
    pub(crate) fn rolled_back(self, fragments: &[&str]) -> Self {
        self.undone("rolled_back", fragments)
    }

    /// It was cancelled, and the old version is live again.
    #[track_caller]
    pub(crate) fn cancelled(self) -> Self {
        self.undone("cancelled", &["cancel", "SY0206"])
    }

    #[track_caller]
    fn undone(self, outcome: &str, fragments: &[&str]) -> Self {
        let seen = Self {
            run: self.run.clone().fails_saying(fragments),
            ..self
        }
        .live_is_new(false)
        .accounts(outcome);
        let recovery = seen.last("recovery_seconds");
        assert!(recovery.is_u64(), "the way back is measured: {recovery}");
        assert!(!seen.ready.project.is_tainted(APP));
        seen
    }

    /// The new version (or the old one) is what the state says is live, and where it is.
    #[track_caller]
    pub(crate) fn live_is_new(self, new: bool) -> Self {
        let ready = &self.ready;
        let expected = if new { &ready.v2 } else { &ready.scene.v1 };
        assert_eq!(
            self.after["task_definition"],
            *expected,
            "{}",
            self.run.text()
        );
        let moves = new && ready.rollout.controller != Controller::Rolling;
        let side = if moves {
            json!(ready.new_side())
        } else {
            ready.before["live_target_group"].clone()
        };
        assert_eq!(self.after["live_target_group"], side);
        self
    }

    /// `last_deployment` and the report file tell of this rollout and agree.
    #[track_caller]
    pub(crate) fn accounts(self, outcome: &str) -> Self {
        assert_eq!(self.last("outcome"), outcome, "{}", self.run.text());
        assert_eq!(self.last("to_task_definition"), revision(&self.ready.v2));
        assert_eq!(
            self.last("from_task_definition"),
            revision(&self.ready.scene.v1)
        );
        assert!(self.last("id").is_string(), "{}", self.last("id"));
        let file = self.report();
        assert_eq!(file["schema_version"], 2);
        assert_eq!(file["service"], json!({ "cluster": "main", "name": "web" }));
        let told = &file["deployment"];
        for name in [
            "id",
            "outcome",
            "reason",
            "duration_seconds",
            "recovery_seconds",
            "score",
            "finished_at",
        ] {
            assert_eq!(told[name], self.last(name), "{name}");
        }
        assert_eq!(told["to_task_definition"], self.ready.v2);
        assert!(
            told["timeline"]
                .as_array()
                .is_some_and(|seen| !seen.is_empty())
        );
        let of_file = told["gates"].as_array().unwrap().iter();
        let of_file: BTreeSet<_> = of_file.map(|said| said["gate"].as_str().unwrap()).collect();
        let kept = self.last("gates");
        let kept: BTreeSet<_> = kept
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(of_file, kept, "each gate has its verdict in the state");
        self
    }

    /// Every request had a good answer, and there were some.
    #[track_caller]
    pub(crate) fn no_request_failed(self) -> Self {
        assert!(self.report.requests > ENOUGH, "{}", self.report.requests);
        assert_eq!(self.report.failed(), 0, "{:?}", self.report.failures);
        self
    }

    /// No production request ever reached the new version.
    #[track_caller]
    pub(crate) fn nobody_reached_the_new_version(self) -> Self {
        assert_eq!(self.report.reached("web:2"), 0);
        assert!(self.report.reached("web:1") > ENOUGH);
        self
    }

    /// The new side had exactly these shares of production, in percent and in this order; while it had one, that
    /// many of the requests reached the new version.
    #[track_caller]
    pub(crate) fn walked(self, weights: &[u32]) -> Self {
        let (path, _) = self.walk();
        assert_eq!(path, weights, "weights of production");
        self
    }

    /// Like [`Seen::walked`], where other weights may come in between and are left again at once.
    #[track_caller]
    pub(crate) fn held(self, weights: &[u32]) -> Self {
        let (path, requests) = self.walk();
        assert!(path.is_sorted(), "weights of production: {path:?}");
        let least = weights.iter().map(|weight| requests.get(weight));
        let least = least.min().flatten().copied().unwrap_or_default();
        for (weight, all) in requests {
            let passed_through = all < least && weight < 100;
            assert!(
                weights.contains(&weight) || passed_through,
                "{weight} % was held: {path:?}"
            );
        }
        self
    }

    /// The weights of production in the order in which they came, and the requests at each.
    #[track_caller]
    fn walk(&self) -> (Vec<u32>, BTreeMap<u32, usize>) {
        let new_side = self.ready.new_side();
        let mut seen: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        let mut path: Vec<u32> = Vec::new();
        for sample in &self.report.samples {
            let Some(weights) = &sample.weights else {
                continue;
            };
            let weight = weights.get(&new_side).copied().unwrap_or_default();
            let (all, new) = seen.entry(weight).or_default();
            *all += 1;
            *new += usize::from(sample.revision.as_deref() == Some("web:2"));
            if path.last() != Some(&weight) {
                path.push(weight);
            }
        }
        for (&weight, &(all, new)) in &seen {
            println!("at {weight} %: {new} of {all} requests reached the new version");
            if all < ENOUGH {
                continue;
            }
            // Weights come out evenly, up to how requests of several clients interleave, and to those that are sent while they change:
            // of fifty requests, eight have been seen at ten percent.
            let off = (percent(new, all) - f64::from(weight)).abs();
            assert!(off <= 4.0, "at {weight} %: {new} of {all} requests");
        }
        (
            path,
            seen.into_iter()
                .map(|(weight, (all, _))| (weight, all))
                .collect(),
        )
    }

    /// Failures came from the new version only, and were at most this share of the requests made while it had
    /// traffic; it never had more. The figure is printed.
    #[track_caller]
    pub(crate) fn failed_within(self, bound: u32) -> Self {
        let new_side = self.ready.new_side();
        let (mut exposed, mut failed, mut most) = (0, 0, 0);
        for sample in &self.report.samples {
            let weight = sample
                .weights
                .as_ref()
                .map(|weights| weights.get(&new_side).copied().unwrap_or_default());
            // A request during a change of weights belongs to the window.
            if weight != Some(0) {
                exposed += 1;
            }
            most = most.max(weight.unwrap_or_default());
            let Err(problem) = &sample.answer else {
                continue;
            };
            failed += 1;
            assert_eq!(sample.revision.as_deref(), Some("web:2"), "{problem}");
            assert_ne!(
                weight,
                Some(0),
                "{problem} while the new side had no traffic"
            );
        }
        let requests = self.report.requests;
        println!(
            "{} {bound} %: {failed} of {requests} requests failed ({:.1} %), {:.1} % of the {exposed} while the new \
             version had traffic; bound {bound} %",
            self.ready
                .rollout
                .deployment
                .split('"')
                .nth(1)
                .unwrap_or_default(),
            percent(failed, requests),
            percent(failed, exposed),
        );
        assert!(most <= bound, "the new side had {most} % of production");
        // Weights come out evenly, up to how requests of several clients interleave, and to those that are sent while they change:
        // of fifty requests, eight have been seen at ten percent.
        let allowed = exposed * usize::try_from(bound).unwrap() / 100 + exposed / 100 + 6;
        assert!(failed <= allowed, "{failed} failed, {allowed} were allowed");
        self
    }

    /// Calls of one operation since the log was cleared.
    pub(crate) fn calls(&self, operation: &str) -> usize {
        let calls = self.ready.scene.stage.lab().calls();
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// What the circuit breaker of the newest service deployment did.
    pub(crate) fn breaker(&self) -> Value {
        self.ready.newest()["deploymentCircuitBreaker"].clone()
    }

    /// The report file.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        let path = self.ready.project.folder().join(REPORT);
        let text = std::fs::read_to_string(&path).expect("the report file is there");
        serde_json::from_str(&text).expect("the report file is JSON")
    }

    /// A field of `last_deployment`.
    pub(crate) fn last(&self, field: &str) -> Value {
        crate::last_deployment(&self.after)[field].clone()
    }

    /// Verdicts of a gate, oldest first: moment, weight, verdict.
    pub(crate) fn verdicts(&self, gate: &str) -> Vec<(String, f64, String)> {
        let report = self.report();
        let of_gate = report["deployment"]["gates"]
            .as_array()
            .into_iter()
            .flatten();
        of_gate
            .filter(|result| result["gate"] == gate)
            .map(|result| {
                let text = |name: &str| result[name].as_str().unwrap_or_default().to_owned();
                let weight = result["weight"].as_f64().unwrap_or_default();
                (text("moment"), weight, text("verdict"))
            })
            .collect()
    }
}

/// `family:revision` of an ARN.
fn revision(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// `part` of `all`, in percent.
fn percent(part: usize, all: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap());
    if all == 0 {
        0.0
    } else {
        count(part) * 100.0 / count(all)
    }
}
