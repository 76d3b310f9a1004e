//! Where a rule sends requests, and what of it stays when the pair changes. Pure.

use std::collections::BTreeSet;

use crate::ports::WeightedTarget;

/// Weight of the group that gets all requests; 0–999 and relative to the sum.
pub const FIRST_WEIGHT: u32 = 100;

fn weight_of(forward: &[WeightedTarget], group: &str) -> u32 {
    let of_it = forward.iter().filter(|it| it.target_group == group);
    of_it.map(|it| it.weight).sum()
}

/// The groups of a forward, those with most requests first.
#[must_use]
pub fn groups_of(forward: &[WeightedTarget]) -> Vec<String> {
    let mut sorted: Vec<&WeightedTarget> = forward.iter().collect();
    sorted.sort_by_key(|it| (std::cmp::Reverse(it.weight), it.target_group.clone()));
    sorted
        .into_iter()
        .map(|it| it.target_group.clone())
        .collect()
}

/// Whether the rule forwards to exactly these two, whatever the weights.
#[must_use]
pub fn is_pair(forward: &[WeightedTarget], pair: &[String; 2]) -> bool {
    let found: BTreeSet<&String> = forward.iter().map(|it| &it.target_group).collect();
    found == pair.iter().collect()
}

/// A forward to the pair in which every group keeps the weight it has now. When neither has any, all requests go to
/// the one at `first`.
#[must_use]
pub fn kept_weights(
    pair: &[String; 2],
    now: &[WeightedTarget],
    first: usize,
) -> Vec<WeightedTarget> {
    let mut forward: Vec<WeightedTarget> = pair
        .iter()
        .map(|group| WeightedTarget {
            target_group: group.clone(),
            weight: weight_of(now, group),
        })
        .collect();
    if forward.iter().all(|it| it.weight == 0)
        && let Some(target) = forward.get_mut(first)
    {
        target.weight = FIRST_WEIGHT;
    }
    forward
}

/// The group of the pair that was there `before` which gets requests and would leave: nothing may drop it.
#[must_use]
pub fn still_serving<'a>(
    before: &BTreeSet<String>,
    pair: &[String; 2],
    now: &'a [WeightedTarget],
) -> Option<&'a WeightedTarget> {
    now.iter().find(|it| {
        it.weight > 0 && before.contains(&it.target_group) && !pair.contains(&it.target_group)
    })
}
