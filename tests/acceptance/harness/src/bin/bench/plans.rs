//! No-change plans: modules are applied once, then planned in turns.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_harness::{Project, Run, Stage};
use switchyard_lab::{Fault, FaultKind};

use crate::figures::{Delay, Plans, Side, Stopwatch, Watched};
use crate::modules::{CLUSTER, main_tf};
use crate::process;
use crate::say;
use crate::unmeasured::{Attempt as _, Unmeasured};

/// Real time between two steps of the lab's clock while a module is applied.
const STEP: Duration = Duration::from_millis(20);
/// World seconds in a real second meanwhile; our provider waits at the same pace.
const FAST: u32 = 200;
/// World time that every service has to settle after the apply.
const SETTLING: Duration = Duration::from_secs(300);
/// `DescribeServices` takes ten names.
const NAMES: u32 = 10;

const APPLY: [&str; 5] = [
    "apply",
    "-auto-approve",
    "-input=false",
    "-no-color",
    "-parallelism=50",
];
const PLAN: [&str; 4] = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];

/// Applies the modules of one size and plans each `rounds` times, in turns, and once more under watch; those that call
/// AWS as often again while every answer takes longer.
pub(crate) fn measure(services: u32, rounds: usize) -> Result<Vec<Plans>, Unmeasured> {
    let mut cases = Vec::new();
    for side in Side::ALL {
        let case = guarded(side, services, || Case::apply(side, services))?;
        cases.push(case);
    }
    for _ in 0..rounds {
        for case in &mut cases {
            case.plan()?;
        }
    }
    for case in &mut cases {
        case.plan_watched()?;
        say(&format!("   {}", line(&case.plans)));
    }
    let near: Vec<Plans> = cases.iter().map(|case| case.plans.clone()).collect();
    let mut cases: Vec<Case> = cases
        .into_iter()
        .filter(|case| !case.plans.side.is_floor())
        .collect();
    for case in &mut cases {
        case.move_away(Delay::Forty);
    }
    for _ in 0..rounds {
        for case in &mut cases {
            case.plan()?;
        }
    }
    for case in &cases {
        say(&format!("   {}", line(&case.plans)));
    }
    let far = cases.into_iter().map(|case| case.plans);
    Ok(near.into_iter().chain(far).collect())
}

/// The harness panics, with what happened, when its surroundings are not as it needs them.
fn guarded<T>(
    side: Side,
    services: u32,
    work: impl FnOnce() -> Result<T, Unmeasured>,
) -> Result<T, Unmeasured> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        Err(Unmeasured::new(
            label(side, services),
            "the harness stopped, see above",
        ))
    })
}

fn label(side: Side, services: u32) -> String {
    format!("{}, {services} services", side.name())
}

/// One applied module with a lab of its own.
#[derive(Debug)]
struct Case {
    stage: Stage,
    project: Project,
    plans: Plans,
}

impl Case {
    fn apply(side: Side, services: u32) -> Result<Self, Unmeasured> {
        // Real time while planning, so that the lab has little to do of its own.
        let stage = Stage::with_speed(1);
        stage.cluster(CLUSTER);
        let task_definition = stage.task_definition("app", "app:v1");
        let main = main_tf(side, services, &task_definition);
        // All modules are initialised from a mirror, so that Terraform does the same for each.
        let mut project = stage.project_with_aws(&[("main.tf", main)]);
        let watch = Stopwatch::start();
        // Only ours waits until a service is steady.
        let run = if side.is_ours() {
            project.set("SWITCHYARD_TIME_SCALE", &FAST.to_string());
            let run = fast_forward(&stage, || project.run(&APPLY));
            project.set("SWITCHYARD_TIME_SCALE", "1");
            run
        } else {
            project.run(&APPLY)
        };
        if run.code != 0 {
            return Err(failed(side, services, &run));
        }
        stage.advance(SETTLING);
        if !side.is_floor() {
            check_steady(&stage, side, services)?;
        }
        let state = std::fs::metadata(project.folder().join("terraform.tfstate"))
            .attempt("the size of the state")?;
        say(&format!(
            "   applied {} in {:.1} s",
            label(side, services),
            watch.elapsed().as_secs_f64()
        ));
        Ok(Self {
            stage,
            project,
            plans: Plans {
                side,
                services,
                delay: Delay::None,
                walls: Vec::new(),
                processor: Vec::new(),
                calls: Vec::new(),
                watched: Watched::default(),
                state_bytes: state.len(),
            },
        })
    }

    /// From now on every answer takes so much longer, and what was measured before is forgotten.
    fn move_away(&mut self, delay: Delay) {
        self.stage.lab().add_faults(vec![Fault {
            service: "*".to_owned(),
            operation: "*".to_owned(),
            nth: None,
            first: None,
            count: None,
            percent: None,
            kind: FaultKind::Latency,
            latency_ms: Some(delay.milliseconds()),
            seconds: None,
        }]);
        self.plans = Plans {
            delay,
            walls: Vec::new(),
            processor: Vec::new(),
            calls: Vec::new(),
            watched: Watched::default(),
            ..self.plans.clone()
        };
    }

    fn plan(&mut self) -> Result<(), Unmeasured> {
        let before = process::children_processor()?;
        self.stage.lab().clear_calls();
        let watch = Stopwatch::start();
        let run = self.project.run(&PLAN);
        let wall = watch.elapsed();
        let processor = process::children_processor()?.saturating_sub(before);
        self.check(&run)?;
        self.plans.walls.push(wall);
        self.plans.processor.push(processor);
        self.plans.calls.push(self.calls());
        Ok(())
    }

    fn plan_watched(&mut self) -> Result<(), Unmeasured> {
        self.stage.lab().clear_calls();
        let running = self.project.start(&PLAN);
        let id = running.id();
        let (end, ended) = channel();
        let watcher = std::thread::spawn(move || process::watch(id, &ended));
        let run = running.finish();
        drop(end);
        let watched = watcher
            .join()
            .map_err(|_| Unmeasured::new("watching a plan", "the watcher stopped, see above"))?;
        self.check(&run)?;
        self.plans.watched = watched;
        self.plans.calls.push(self.calls());
        Ok(())
    }

    /// A plan that failed, or that changes something, measures something else.
    fn check(&self, run: &Run) -> Result<(), Unmeasured> {
        if run.code == 0 {
            return Ok(());
        }
        Err(failed(self.plans.side, self.plans.services, run))
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        let counts = self.stage.lab().call_counts();
        let named = counts.into_iter().flat_map(|(service, operations)| {
            operations
                .into_iter()
                .map(move |(operation, count)| (format!("{service} {operation}"), count))
        });
        named.collect()
    }
}

fn failed(side: Side, services: u32, run: &Run) -> Unmeasured {
    let why = match run.code {
        2 => "the plan is not empty".to_owned(),
        code => format!("exit code {code}"),
    };
    let text = run.text();
    let lines: Vec<_> = text.lines().collect();
    let last = lines.len().saturating_sub(40);
    let tail = lines.get(last..).unwrap_or_default().join("\n");
    Unmeasured::new(
        format!("{}, `{}`", label(side, services), run.command),
        format!("{why}\n{tail}"),
    )
}

/// Lets the lab's time run fast while `work` runs.
fn fast_forward<T>(stage: &Stage, work: impl FnOnce() -> T) -> T {
    let (end, ended) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
                stage.advance(STEP * FAST);
            }
        });
        let result = work();
        drop(end);
        result
    })
}

/// Every service runs what it should and has one deployment.
fn check_steady(stage: &Stage, side: Side, services: u32) -> Result<(), Unmeasured> {
    let what = format!("{}, steady state", label(side, services));
    let all: Vec<u32> = (0..services).collect();
    for batch in all.chunks(NAMES as usize) {
        let names: Vec<_> = batch.iter().map(|index| format!("svc-{index}")).collect();
        let input = json!({ "cluster": CLUSTER, "services": names });
        let answer = stage
            .lab()
            .call("ecs", "DescribeServices", input)
            .attempt(&what)?;
        let found = answer["services"].as_array().cloned().unwrap_or_default();
        if found.len() != names.len() {
            return Err(Unmeasured::new(what, "a service is missing"));
        }
        if let Some(service) = found.iter().find(|service| !is_steady(service)) {
            return Err(Unmeasured::new(what, format!("not steady: {service}")));
        }
    }
    Ok(())
}

fn is_steady(service: &Value) -> bool {
    let one_deployment = service["deployments"]
        .as_array()
        .is_some_and(|deployments| deployments.len() == 1);
    service["runningCount"] == service["desiredCount"]
        && service["pendingCount"] == 0
        && one_deployment
}

/// One line of progress.
fn line(plans: &Plans) -> String {
    format!(
        "{:<28} {:>4} services {:>2} ms a call {:>8.3} s wall {:>7.2} s CPU {:>6} AWS calls {:>7.1} MiB provider",
        plans.side.name(),
        plans.services,
        plans.delay.milliseconds(),
        plans.wall().as_secs_f64(),
        plans.processor_time().as_secs_f64(),
        plans.call_count(),
        plans.watched.provider_peak_kib as f64 / 1024.0,
    )
}
