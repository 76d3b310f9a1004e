//! Rollouts that nobody moves any more: where they stand, and what AWS does about it by itself.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{Effect, Heading, RolloutStep, SideStep};

use crate::sighting::Sighting;

/// Where the rollout stands when `step` was refused for good; `None` for steps that begin one.
pub(crate) fn stands_at(seen: &Sighting, step: &Effect) -> Option<String> {
    match step {
        Effect::Rollout(RolloutStep::Continue { deployment, .. }) => Some(pause(seen, deployment).unwrap_or_else(|| {
            format!(
                "Deployment {deployment} still waits: AWS has not continued it. When its wait times out, AWS ends it."
            )
        })),
        Effect::Side(step) => (*step != SideStep::Create).then(|| sides(seen)),
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

/// What ECS does with deployment `id` when nobody lets it go on; `None` when it does not wait at a pause.
pub(super) fn pause(seen: &Sighting, id: &str) -> Option<String> {
    let found = seen.deployment.as_ref().filter(|found| found.arn == id)?;
    let hook = found.awaiting()?;
    let when = match hook.expires_at {
        Some(at) => format!("when the pause ends, at {at:.0}"),
        None => "when the pause ends".to_owned(),
    };
    Some(format!(
        "Deployment {id} waits at a pause. Unless somebody continues it first, ECS rolls it back {when}."
    ))
}

/// What a person runs to end the pause at which deployment `id` waits; nothing when no pause is seen.
pub(super) fn commands(seen: &Sighting, id: &str) -> String {
    let mut known = seen.deployment.iter().chain(&seen.paused);
    let hook = known
        .find(|found| found.arn == id)
        .and_then(|found| found.awaiting());
    let Some(hook) = hook else {
        return String::new();
    };
    let region = id.split(':').nth(3).unwrap_or_default();
    let until = match hook.expires_at {
        Some(at) => format!(" The pause times out at {at:.0}."),
        None => String::new(),
    };
    let command = |action: &str| {
        format!(
            "aws ecs continue-service-deployment --region {region} --service-deployment-arn {id} --hook-id {} \
             --action {action}",
            hook.id
        )
    };
    format!(
        "{until}\n\nTo continue:\n\n    {}\n\nTo roll back:\n\n    {}",
        command("CONTINUE"),
        command("ROLLBACK")
    )
}

fn sides(seen: &Sighting) -> String {
    let sides = seen.sides.iter().flat_map(|sides| &sides.all);
    let new: u32 = sides
        .filter(|side| side.heading == Heading::Wanted)
        .map(|side| side.tenths)
        .sum();
    format!(
        "The deployment stays where it was: the new task set has {} % of production traffic, and nothing moves it \
         before the next apply.",
        Share::of_tenths(new)
    )
}
