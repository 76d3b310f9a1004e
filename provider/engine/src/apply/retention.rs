//! Old revisions of the family that we have registered ourselves are deregistered, beyond those to keep.

use std::collections::BTreeSet;

use super::task_definition::owner;
use crate::REGISTERED_TAG;
use crate::app_spec::short_name;
use crate::goal::Goal;
use crate::live::Live;
use crate::ports::{Result, TaskDefinition};
use crate::sighting::Sighting;

/// Revisions that are looked at beyond those to keep: one call each.
const LOOKED_AT: usize = 50;

/// After a rollout that succeeded. The newest `revision_retention` of ours stay, and never goes what is live,
/// was live before, or still runs anywhere in the service. Only a log line is lost when it fails.
pub(super) async fn prune(goal: &Goal<'_>, live: Option<&Live>, seen: &Sighting) {
    let Some(keep) = goal.wanted.revision_retention else {
        return;
    };
    let keep = usize::try_from(keep).unwrap_or(usize::MAX);
    if let Err(error) = deregister(goal, keep, &in_use(goal, live, seen)).await {
        tracing::warn!(error = %error, "old task definition revisions could not be deregistered; the next deployment tries again");
    }
}

/// ARNs that must stay.
fn in_use(goal: &Goal<'_>, live: Option<&Live>, seen: &Sighting) -> BTreeSet<String> {
    let mut arns = BTreeSet::from([goal.task_definition.clone()]);
    let before = seen.before.as_ref();
    arns.extend(before.and_then(|before| before.task_definition.clone()));
    if let Some(live) = live {
        arns.extend(live.revision.task_definition.clone());
        arns.extend(live.service.task_definition.clone());
        let sets = live.service.task_sets.iter();
        arns.extend(sets.map(|set| set.task_definition.clone()));
        let ongoing = live.deployment.as_ref();
        arns.extend(ongoing.and_then(|ongoing| ongoing.target_task_definition.clone()));
    }
    arns
}

async fn deregister(goal: &Goal<'_>, keep: usize, in_use: &BTreeSet<String>) -> Result<()> {
    let services = &goal.ports.services;
    let owner = owner(&goal.wanted.service);
    let is_ours = |found: &TaskDefinition| {
        found.is_active() && found.tags.get(REGISTERED_TAG) == Some(&owner)
    };
    let mut kept = 0;
    let listed = services
        .list_task_definitions(family_of(&goal.task_definition))
        .await?;
    for arn in listed.iter().take(keep.saturating_add(LOOKED_AT)) {
        let found = services.find_task_definition(arn).await?;
        if !found.as_ref().is_some_and(is_ours) {
            continue;
        }
        if kept < keep || in_use.contains(arn) {
            kept += 1;
            continue;
        }
        services.deregister_task_definition(arn).await?;
        tracing::info!(
            task_definition = arn,
            "an old task definition revision was deregistered"
        );
    }
    Ok(())
}

/// The family in a task definition's ARN.
fn family_of(arn: &str) -> &str {
    let short = short_name(arn);
    short.split(':').next().unwrap_or(short)
}
