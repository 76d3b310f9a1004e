//! Where a deployment stands that nobody moves any more, and what AWS does about it by itself.

use crate::failure::stand::{Pause, Stand};

pub(super) fn words(stand: &Stand) -> String {
    match stand {
        Stand::Paused(pause) => paused(pause),
        Stand::NotContinued(deployment) => format!(
            "Deployment {deployment} still waits: AWS has not continued it. When its wait times out, AWS ends it."
        ),
        Stand::Sides(new) => format!(
            "The deployment stays where it was: the new task set has {new} % of production traffic, and nothing moves \
             it before the next apply."
        ),
    }
}

/// What ECS does with the deployment when nobody lets it go on.
pub(super) fn paused(pause: &Pause) -> String {
    let when = match pause.expires_at {
        Some(at) => format!("when the pause ends, at {at:.0}"),
        None => "when the pause ends".to_owned(),
    };
    format!(
        "Deployment {} waits at a pause. Unless somebody continues it first, ECS rolls it back {when}.",
        pause.deployment
    )
}

/// What a person runs to end the pause.
pub(super) fn commands(pause: &Pause) -> String {
    let id = &pause.deployment;
    let region = id.split(':').nth(3).unwrap_or_default();
    let until = match pause.expires_at {
        Some(at) => format!(" The pause times out at {at:.0}."),
        None => String::new(),
    };
    let command = |action: &str| {
        format!(
            "aws ecs continue-service-deployment --region {region} --service-deployment-arn {id} --hook-id {} \
             --action {action}",
            pause.hook
        )
    };
    format!(
        "{until}\n\nTo continue:\n\n    {}\n\nTo roll back:\n\n    {}",
        command("CONTINUE"),
        command("ROLLBACK")
    )
}
