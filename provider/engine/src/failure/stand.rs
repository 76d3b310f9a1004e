//! Deployments that nobody moves any more: where they stand.

use jiff::Timestamp;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{Effect, Heading, RolloutStep, SideStep};

use crate::ports::ServiceDeployment;
use crate::sighting::Sighting;

/// A deployment that waits until somebody continues it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    pub(super) deployment: String,
    /// Id of the hook.
    pub(super) hook: String,
    pub(super) expires_at: Option<Timestamp>,
}

impl Pause {
    /// The pause at which `deployment` waits; `None` when it does not.
    pub(super) fn of(deployment: &ServiceDeployment) -> Option<Self> {
        let hook = deployment.awaiting()?;
        Some(Self {
            deployment: deployment.arn.clone(),
            hook: hook.id.clone(),
            expires_at: hook.expires_at,
        })
    }
}

/// Where a deployment stands that was left in the middle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// ECS waits at a pause.
    Paused(Pause),
    /// This deployment was to be continued, and was not.
    NotContinued(String),
    /// The new task set has this share of production traffic, and nobody moves it.
    Sides(Share),
}

/// Where the rollout stands when `step` was refused for good; `None` for steps that begin one.
pub(crate) fn stands_at(seen: &Sighting, step: &Effect) -> Option<Stand> {
    match step {
        Effect::Rollout(RolloutStep::Continue { deployment, .. }) => {
            let followed = seen.deployment.as_ref();
            let followed = followed.filter(|found| found.arn == *deployment);
            Some(match followed.and_then(Pause::of) {
                Some(pause) => Stand::Paused(pause),
                None => Stand::NotContinued(deployment.clone()),
            })
        }
        Effect::Side(step) => (*step != SideStep::Create).then(|| Stand::Sides(on_new(seen))),
        Effect::Adjust
        | Effect::Create
        | Effect::PrepareRoutes
        | Effect::ReturnTraffic
        | Effect::Rollout(RolloutStep::Stop { .. })
        | Effect::Scaling(_)
        | Effect::StartRollout
        | Effect::SwitchController => None,
    }
}

fn on_new(seen: &Sighting) -> Share {
    let sides = seen.sides.iter().flat_map(|sides| &sides.all);
    let new = sides.filter(|side| side.heading == Heading::Wanted);
    new.map(|side| side.share).sum()
}
