//! Which target groups a load balancer uses: health checks run for those alone.

use std::collections::BTreeMap;

use super::actions::{self, Action};
use crate::ecs;
use crate::error::ApiError;
use crate::state::State as World;

/// Recomputes which group is used by which load balancer; groups that come into use start their health checks now.
///
/// Called after every change of a rule.
pub(super) fn refresh(state: &mut World) {
    let elbv2 = &mut state.elbv2;
    let mut used: BTreeMap<String, String> = BTreeMap::new();
    for rule in elbv2.rules.values() {
        let Some(listener) = elbv2.listeners.get(&rule.listener) else {
            continue;
        };
        for (group, _) in actions::forward_of(&rule.actions)
            .into_iter()
            .flat_map(|forward| &forward.groups)
        {
            used.insert(group.clone(), listener.load_balancer.clone());
        }
    }
    let mut changed = Vec::new();
    for group in elbv2.target_groups.values_mut() {
        let balancer = used.remove(&group.arn);
        if balancer.is_some() != group.load_balancer.is_some() {
            group.used_since = balancer.is_some().then_some(state.now);
            changed.push(group.arn.clone());
        }
        group.load_balancer = balancer;
    }
    for group in changed {
        ecs::wake_users_of(state, &group);
    }
}

/// A group belongs to one load balancer at a time.
pub(super) fn check_exclusive(
    state: &World,
    balancer: &str,
    actions: &[Action],
) -> Result<(), ApiError> {
    let stranger = actions::forward_of(actions)
        .into_iter()
        .flat_map(|forward| &forward.groups)
        .filter_map(|(arn, _)| state.elbv2.target_groups.get(arn))
        .find(|group| {
            group
                .load_balancer
                .as_deref()
                .is_some_and(|other| other != balancer)
        });
    match stranger {
        None => Ok(()),
        Some(group) => Err(ApiError::new(
            "TargetGroupAssociationLimit",
            format!(
                "The following target groups cannot be associated with more than one load balancer: {}",
                group.arn
            ),
        )),
    }
}
