//! What is wrong with a rule before anything is changed. What cannot be read is told by the apply.

use std::collections::BTreeSet;

use super::apply::leftover;
use super::forward::still_serving;
use super::taken::holder;
use super::{DesiredRule, Refused};
use crate::ports::Ports;

/// What would refuse a new rule now.
pub async fn verify_creation(ports: &Ports, wanted: &DesiredRule) -> Vec<Refused> {
    let mut found = Vec::new();
    match ports.listener_rules.rules_of(&wanted.listener).await {
        Ok(None) => found.push(Refused::ListenerMissing(wanted.listener.clone())),
        Ok(Some(rules)) => {
            // What an interrupted creation has left is taken over.
            let is_left = leftover(ports, wanted, &rules, &BTreeSet::new()).await;
            if let Some(priority) = wanted.priority
                && !matches!(is_left, Ok(Some(_)))
                && let Some(holder) = holder(wanted, priority, &rules)
            {
                found.push(Refused::PriorityTaken {
                    priority,
                    holder: Some(holder),
                });
            }
        }
        Err(_) => {}
    }
    found.extend(groups_missing(ports, wanted).await);
    found
}

/// What would refuse a change of the rule at `arn` now. `before` is the pair as it was written last.
pub async fn verify_update(
    ports: &Ports,
    arn: &str,
    wanted: &DesiredRule,
    before: &BTreeSet<String>,
) -> Vec<Refused> {
    let mut found = Vec::new();
    let pair: BTreeSet<String> = wanted.pair.iter().cloned().collect();
    if pair != *before {
        let live = ports.listener_rules.find_detail(arn).await.ok().flatten();
        let forward = live.map(|live| live.rule.forward).unwrap_or_default();
        if let Some(serving) = still_serving(before, &wanted.pair, &forward) {
            found.push(Refused::StillServing(serving.clone()));
        }
        found.extend(groups_missing(ports, wanted).await);
    }
    found
}

async fn groups_missing(ports: &Ports, wanted: &DesiredRule) -> Option<Refused> {
    let groups = ports.routing.find_target_groups(&wanted.pair).await.ok()?;
    let missing: Vec<String> = wanted
        .pair
        .iter()
        .filter(|arn| !groups.iter().any(|group| group.arn == **arn))
        .cloned()
        .collect();
    (!missing.is_empty()).then_some(Refused::GroupsMissing(missing))
}
