//! Every controller, interrupted before traffic, in the middle and at the end: one more apply converges, and
//! no request fails.

use std::time::Duration;

use switchyard_harness::load::Load;
use switchyard_harness::{Held, Running};
use switchyard_lab::{Fault, FaultKind};

use super::{kill, kill_providers};
use crate::APP;
use crate::rollout::{APPLY, Controller, Ready, Rollout};
use crate::steps::STEPS;

/// Percent of traffic on the new side when it happens.
const STAGES: [u64; 3] = [0, 10, 100];

/// A rollout that stays at each of the stages for a while.
pub(super) fn ready(controller: Controller) -> Ready {
    match controller {
        Controller::Ecs | Controller::External => Rollout::new(controller, STEPS).ready(),
        Controller::CodeDeploy(_) | Controller::Rolling => {
            let canary = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
            let ready = Rollout::new(controller, canary).ready();
            crate::code_deploy_rollouts::waits(&ready, 10, 0);
            ready
        }
    }
}

pub(super) const CODE_DEPLOY: Controller = Controller::CodeDeploy("CodeDeployDefault.ECSAllAtOnce");

/// Rollouts that were ever begun, besides the first one.
pub(super) fn begun(ready: &Ready) -> usize {
    match ready.rollout.controller {
        Controller::Ecs | Controller::Rolling => ready.deployments() - 1,
        Controller::CodeDeploy(_) => ready.scene.group_deployments().len(),
        Controller::External => {
            let made = ready.scene.stage.lab().calls();
            let made = made.iter().filter(|call| call.operation == "CreateTaskSet");
            made.count() - 1
        }
    }
}

/// An apply that has come to the stage, with time held.
pub(super) fn at(ready: &Ready, weight: u64) -> (Running, Load, Held) {
    let load = ready.load();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let is_there = || begun(ready) > 0 && ready.weight() == weight;
    let held = ready.scene.stage.hold_when(is_there);
    (running, load, held)
}

/// One more apply: the new version is live, and nothing is left to do.
pub(super) fn converges(ready: &Ready, load: Load, most: usize) {
    ready.project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(ready.weight(), 100);
    assert_eq!(ready.project.state(APP)["task_definition"], ready.v2);
    assert!(!ready.project.is_tainted(APP));
    ready.project.plan().is_empty();
    let begun = begun(ready);
    assert!((1..=most).contains(&begun), "{begun} rollouts were begun");
    let tags = ready.scene.stage.service("main", "web")["tags"].to_string();
    assert!(!tags.contains("switchyard:"), "{tags}");
}

fn a_killed_provider(controller: Controller) {
    for weight in STAGES {
        let ready = ready(controller);
        let (running, load, held) = at(&ready, weight);
        kill_providers(running.id());
        held.until_disturbed();
        running.finish().fails_saying(&["ApplyResourceChange"]);
        converges(&ready, load, 1);
    }
}

/// A Terraform that died has not let its lock go.
pub(super) fn unlock(ready: &Ready) {
    let lock = ready.project.folder().join(".terraform.tfstate.lock.info");
    if lock.exists() {
        std::fs::remove_file(lock).unwrap();
    }
}

/// Terraform alone dies: the provider notices by itself, and leaves everything to the next apply.
fn a_killed_terraform(controller: Controller) {
    for weight in STAGES {
        let ready = ready(controller);
        let (running, load, held) = at(&ready, weight);
        kill(&running.id().to_string());
        held.until_disturbed();
        assert_ne!(running.finish().code, 0);
        unlock(&ready);
        converges(&ready, load, 1);
    }
}

/// The second request does not wait for the first one to be done.
fn two_interrupts(controller: Controller) {
    for weight in STAGES {
        let ready = ready(controller);
        let (mut running, load, held) = at(&ready, weight);
        running.signal_group("INT");
        running.wait_for("Interrupt received");
        running.signal_group("INT");
        held.until_disturbed();
        assert_ne!(running.finish().code, 0);
        // Where it was being undone already, it is begun once more; CodeDeploy counts the way back as well.
        let most = match controller {
            Controller::CodeDeploy(_) => 3,
            Controller::Ecs | Controller::External | Controller::Rolling => 2,
        };
        converges(&ready, load, most);
    }
}

/// Every connection is closed for a minute; the apply itself waits for that to end.
fn an_endpoint_that_is_gone(controller: Controller) {
    for weight in STAGES {
        let ready = ready(controller);
        let (running, load, held) = at(&ready, weight);
        let lab = ready.scene.stage.lab();
        let back = lab.world().now().plus(Duration::from_secs(60));
        lab.add_faults(vec![Fault {
            service: "*".to_owned(),
            operation: "*".to_owned(),
            nth: None,
            first: None,
            count: None,
            percent: None,
            kind: FaultKind::Reset,
            latency_ms: None,
            seconds: None,
        }]);
        drop(held);
        ready.scene.stage.pass_until(|| lab.world().now() >= back);
        lab.clear_faults();
        running.finish().ok();
        converges(&ready, load, 1);
    }
}

macro_rules! controllers {
    ($($name:ident: $controller:expr;)+) => {
        $(mod $name {
            use super::*;

            #[test]
            fn a_killed_provider_loses_nothing() {
                a_killed_provider($controller);
            }

            #[test]
            fn a_killed_terraform_loses_nothing() {
                a_killed_terraform($controller);
            }

            #[test]
            fn two_interrupts_lose_nothing() {
                two_interrupts($controller);
            }

            #[test]
            fn an_endpoint_that_is_gone_for_a_minute_is_awaited() {
                an_endpoint_that_is_gone($controller);
            }
        })+
    };
}

controllers! {
    ecs: Controller::Ecs;
    code_deploy: CODE_DEPLOY;
    external: Controller::External;
}
