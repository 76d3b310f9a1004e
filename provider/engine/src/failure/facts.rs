//! What is true of a service when a run has ended badly: where traffic is, which tasks run, what is left.

use std::fmt;
use std::time::Duration;

use switchyard_rollout::weights::Share;
use switchyard_rollout::{Heading, Hopeless};

use super::stand::Pause;
use crate::app_spec::short_name;
use crate::desired::{DesiredController, DesiredService, OnCancel};
use crate::live::{Live, Unfinished};
use crate::ports::Controller;
use crate::sighting::Sighting;
use crate::text::target_group_name;

/// The facts that sentences about an end are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) cluster: String,
    pub(super) mover: Mover,
    /// `family:revision` that was to be deployed.
    pub(super) desired: String,
    /// `family:revision` that was live before.
    pub(super) before: Option<String>,
    /// What is live now; `None` when that could not be read.
    pub(super) live: Option<Serving>,
    /// There is a load balancer.
    pub(super) routed: bool,
    /// What the new revision has of the traffic, while the old one has some as well.
    pub(super) split: Option<Share>,
    /// What is not as it was, and what the next apply continues with.
    pub(super) left: Vec<Left>,
    /// The pause at which the followed deployment waits.
    pub(super) pause: Option<Pause>,
    /// The pause at which a deployment waits that is not followed.
    pub(super) other_pause: Option<Pause>,
    /// Why no task could start.
    pub(super) hopeless: Option<Hopeless>,
    pub(super) gates: GatesSaid,
    /// The new task set has healthy targets and the old one has none: nothing is sent back.
    pub(super) stuck: bool,
    /// How long the rollback took, once it has ended.
    pub(super) recovery: Option<Duration>,
    /// How long it may take.
    pub(super) recovery_objective: Duration,
    pub(super) time_limit: Duration,
    /// Plans refuse the images from now on.
    pub(super) quarantined: bool,
}

/// Who moves the traffic of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mover {
    /// This program, task set by task set.
    Apply,
    /// ECS or CodeDeploy, also when nobody follows.
    Aws,
}

/// Whether gates that failed said why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatesSaid {
    Nothing,
    Something,
}

/// What is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Serving {
    /// `family:revision`; `None` when nothing is live.
    pub(super) revision: Option<String>,
    /// Name of the live target group.
    pub(super) target_group: Option<String>,
    pub(super) running: u32,
    pub(super) desired: u32,
    pub(super) controller: Controller,
}

/// Something that is left to do. `Display` is a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// What a run has begun.
    Begun(Unfinished),
    /// The service still has the controller that the apply moves it away from.
    Controller(Controller),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun(what) => what.fmt(f),
            Self::Controller(controller) => write!(f, "its controller is still `{controller}`"),
        }
    }
}

impl Facts {
    /// Of a run that was to deploy `task_definition` (its ARN).
    pub(super) fn of(
        wanted: &DesiredService,
        task_definition: &str,
        seen: &Sighting,
        live: Option<&Live>,
    ) -> Self {
        let mover = match wanted.controller {
            DesiredController::External => Mover::Apply,
            DesiredController::CodeDeploy { .. } | DesiredController::Ecs => Mover::Aws,
        };
        let before = seen.before.as_ref();
        let before = before.and_then(|before| before.task_definition.as_deref());
        Self {
            cluster: wanted.service.cluster_name().to_owned(),
            mover,
            desired: short_name(task_definition).to_owned(),
            before: before.map(|arn| short_name(arn).to_owned()),
            live: live.map(Serving::of),
            routed: wanted.revision.load_balancer.is_some(),
            split: split(seen, live),
            left: left(wanted, live),
            pause: seen.deployment.as_ref().and_then(Pause::of),
            other_pause: seen.paused.as_ref().and_then(Pause::of),
            hopeless: seen.hopeless,
            gates: match seen.gates.is_empty() {
                true => GatesSaid::Nothing,
                false => GatesSaid::Something,
            },
            stuck: wanted.on_cancel == OnCancel::Rollback && is_stuck(seen),
            recovery: seen.recovery,
            recovery_objective: wanted.recovery_objective,
            time_limit: wanted.time_limit,
            quarantined: seen.quarantined,
        }
    }
}

impl Serving {
    fn of(live: &Live) -> Self {
        let revision = live.revision.task_definition.as_deref();
        let group = live.revision.live_target_group.as_deref();
        Self {
            revision: revision.map(|arn| short_name(arn).to_owned()),
            target_group: group.map(|arn| target_group_name(arn).to_owned()),
            running: live.service.running,
            desired: live.service.desired,
            controller: live.service.controller.clone(),
        }
    }
}

fn split(seen: &Sighting, live: Option<&Live>) -> Option<Share> {
    if let Some(sides) = &seen.sides {
        let sum = |is_new: bool| -> Share {
            let sides = sides.all.iter();
            sides
                .filter(|side| (side.heading == Heading::Wanted) == is_new)
                .map(|side| side.share)
                .sum()
        };
        let (new, old) = (sum(true), sum(false));
        return (!new.is_none() && !old.is_none()).then_some(new);
    }
    // Once it has ended, the weights last seen say nothing any more.
    live?.deployment.as_ref()?;
    let target = seen.deployment.as_ref()?.target.as_ref()?;
    let new = Share::of_percent(target.production_weight?)?;
    (!new.is_none() && !new.is_whole()).then_some(new)
}

fn left(wanted: &DesiredService, live: Option<&Live>) -> Vec<Left> {
    let Some(live) = live else {
        return Vec::new();
    };
    // A first deployment that failed is told by itself.
    let begun = live
        .unfinished
        .iter()
        .filter(|what| **what != Unfinished::FirstDeployment);
    let mut left: Vec<Left> = begun.cloned().map(Left::Begun).collect();
    let controller = &live.service.controller;
    if wanted.controller.takes_over(controller) {
        left.push(Left::Controller(controller.clone()));
    }
    left
}

fn is_stuck(seen: &Sighting) -> bool {
    let Some(sides) = &seen.sides else {
        return false;
    };
    let has = |is_new: bool, is_fit: fn(u32) -> bool| {
        let mut sides = sides.all.iter();
        sides.any(|side| {
            (side.heading == Heading::Wanted) == is_new && side.healthy.is_some_and(is_fit)
        })
    };
    has(true, |healthy| healthy > 0) && has(false, |healthy| healthy == 0)
}
