//! Shares of traffic and the weights that make them.

use crate::ports::{Ports, Result, WeightedTarget};
use crate::route::find_route;

/// Where a rule, or the default rule of a listener, forwards; `None` when it does not exist.
pub(crate) async fn forward_of(ports: &Ports, route: &str) -> Result<Option<Vec<WeightedTarget>>> {
    let rule = find_route(ports, route).await?;
    Ok(rule.map(|rule| rule.forward))
}

/// Share of one group in tenths of a percent. Rounded, but a share is never rounded to nothing or to all.
pub(super) fn share(forward: &[WeightedTarget], group: &str) -> u32 {
    let total: u64 = forward.iter().map(|target| u64::from(target.weight)).sum();
    let ours: u64 = forward
        .iter()
        .filter(|target| target.target_group == group)
        .map(|target| u64::from(target.weight))
        .sum();
    match (ours, total) {
        (0, _) | (_, 0) => 0,
        (ours, total) if ours == total => 1000,
        (ours, total) => {
            let rounded = (ours * 1000 + total / 2) / total;
            u32::try_from(rounded.clamp(1, 999)).unwrap_or(999)
        }
    }
}

/// Weights (0–999 each: a rule of Elastic Load Balancing) that give `side` this share and `other` the rest.
pub(super) fn weights(side: &str, other: Option<&str>, tenths: u32) -> Vec<WeightedTarget> {
    let tenths = tenths.min(1000);
    let (ours, rest) = match (tenths, tenths % 10) {
        (1000, _) => (1, 0),
        (0, _) => (0, 1),
        (tenths, 0) => (tenths / 10, 100 - tenths / 10),
        (tenths, _) => (tenths, 1000 - tenths),
    };
    let target = |group: &str, weight| WeightedTarget {
        target_group: group.to_owned(),
        weight,
    };
    let mut targets = vec![target(side, ours)];
    targets.extend(other.map(|group| target(group, rest)));
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_comes_back_from_its_weights() {
        for tenths in 0..=1000 {
            let targets = weights("green", Some("blue"), tenths);
            assert!(
                targets.iter().all(|target| target.weight <= 999),
                "{tenths}"
            );
            assert!(targets.iter().any(|target| target.weight > 0), "{tenths}");
            assert_eq!(share(&targets, "green"), tenths);
            assert_eq!(share(&targets, "blue"), 1000 - tenths);
        }
    }

    #[test]
    fn a_tiny_share_is_not_rounded_away() {
        let forward = [
            WeightedTarget {
                target_group: "green".to_owned(),
                weight: 1,
            },
            WeightedTarget {
                target_group: "blue".to_owned(),
                weight: 999 * 3,
            },
        ];
        assert_eq!(share(&forward, "green"), 1);
        assert_eq!(share(&forward, "blue"), 999);
        assert_eq!(share(&[], "green"), 0);
    }
}
