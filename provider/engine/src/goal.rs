//! What one apply is about: the wish, with everything resolved that stays the same until its end.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout as rollout;

use crate::desired::{DesiredController, DesiredService, DesiredStep, DesiredTaskDefinition};
use crate::fingerprint::fingerprint;
use crate::gate::MomentKind;
use crate::ports::HookTarget;
use crate::ports::Ports;

/// The task definition of one apply.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// ARN with revision.
    pub(crate) arn: String,
    /// What was live when it was resolved, where that decided it. Should something else be live by the time
    /// the service is free, it is resolved anew.
    pub(crate) made_from: Option<Option<String>>,
}

impl Resolved {
    /// One that does not depend on what is live.
    pub(crate) fn fixed(arn: String) -> Self {
        let made_from = None;
        Self { arn, made_from }
    }
}

/// One apply's wish.
#[derive(Debug)]
pub(crate) struct Goal<'a> {
    pub(crate) ports: &'a Ports,
    pub(crate) wanted: &'a DesiredService,
    /// Resolved ARN, with revision.
    pub(crate) task_definition: String,
    /// What was live when it was resolved, where that decided it.
    pub(crate) made_from: Option<Option<String>>,
    /// Value of the mark.
    pub(crate) fingerprint: String,
    /// Idempotency token of CreateService: the same for every attempt of this apply, new for the next.
    pub(crate) client_token: String,
    pub(crate) started_at: Timestamp,
    pub(crate) spec: rollout::Spec,
}

impl<'a> Goal<'a> {
    pub(crate) fn new(
        ports: &'a Ports,
        wanted: &'a DesiredService,
        task_definition: Resolved,
        started_at: Timestamp,
    ) -> Self {
        let fingerprint = fingerprint(wanted);
        let limit = SignedDuration::try_from(wanted.time_limit).unwrap_or(SignedDuration::MAX);
        Self {
            ports,
            wanted,
            task_definition: task_definition.arn,
            made_from: task_definition.made_from,
            client_token: format!("{fingerprint}-{:x}", started_at.as_millisecond()),
            fingerprint,
            started_at,
            spec: rollout::Spec {
                engine: match wanted.controller {
                    DesiredController::CodeDeploy { .. } => rollout::Engine::CodeDeploy,
                    DesiredController::Ecs => rollout::Engine::Ecs,
                    DesiredController::External => rollout::Engine::External,
                },
                intent: wanted.intent,
                force: wanted.force,
                deadline: started_at.saturating_add(limit).unwrap_or(Timestamp::MAX),
                on_cancel: wanted.on_cancel,
                on_foreign: wanted.on_foreign,
                desired: wanted.desired.at_creation(),
                steps: wanted.steps.iter().map(hold).collect(),
                gated: gated(wanted),
                holds: holds(wanted),
                pauses: pauses(wanted),
                scaling: wanted.scaling,
                only_now: wanted.this_rollout.is_some(),
            },
        }
    }
}

fn hold(step: &DesiredStep) -> rollout::Hold {
    rollout::Hold {
        share: step.share,
        seconds: u32::try_from(step.hold.as_secs()).unwrap_or(u32::MAX),
    }
}

/// The moments at which at least one gate is asked.
fn gated(wanted: &DesiredService) -> rollout::Gated {
    let asks = |when: MomentKind| {
        let mut gates = wanted.gates.list.iter();
        gates.any(|gate| gate.when.contains(&when))
    };
    // Whoever goes back to a snapshot does so because what runs is not well.
    let is_restored = matches!(
        wanted.revision.task_definition,
        DesiredTaskDefinition::Restored(_)
    );
    rollout::Gated {
        before_start: asks(MomentKind::BeforeStart) && !is_restored,
        before_traffic: asks(MomentKind::BeforeTraffic),
        step: asks(MomentKind::Step),
        bake: asks(MomentKind::Bake),
        after: asks(MomentKind::After),
    }
}

/// Whether AWS waits for us: at pause hooks, or at CodeDeploy's wait before traffic moves.
fn holds(wanted: &DesiredService) -> bool {
    match &wanted.controller {
        DesiredController::Ecs => !pauses(wanted).own.is_empty(),
        DesiredController::CodeDeploy { .. } => gated(wanted).before_traffic,
        DesiredController::External => false,
    }
}

/// The stages of the pause hooks that are sent, by who ends the pause.
fn pauses(wanted: &DesiredService) -> rollout::Pauses {
    let hooks = wanted.rollout_configuration().hooks.iter().flatten();
    let paused = hooks.filter(|hook| hook.target == HookTarget::Pause);
    let stages: BTreeSet<_> = paused.flat_map(|hook| hook.stages.clone()).collect();
    let approved = wanted.steps.iter().filter(|step| step.approval);
    rollout::Pauses {
        own: stages.difference(&wanted.approvals).cloned().collect(),
        approvals: stages.intersection(&wanted.approvals).cloned().collect(),
        approved_weights: approved.map(|step| step.share).collect(),
    }
}
