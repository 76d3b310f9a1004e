//! Shares of traffic and the weights that make them.

use switchyard_rollout::weights::Share;

use crate::ports::{Ports, Result, WeightedTarget};
use crate::route::find_route;

/// Where a rule, or the default rule of a listener, forwards; `None` when it does not exist.
pub(crate) async fn forward_of(ports: &Ports, route: &str) -> Result<Option<Vec<WeightedTarget>>> {
    let rule = find_route(ports, route).await?;
    Ok(rule.map(|rule| rule.forward))
}

/// Weights (0–999 each: a rule of Elastic Load Balancing) that give `side` this share and `other` the rest.
pub(super) fn weights(side: &str, other: Option<&str>, share: Share) -> Vec<WeightedTarget> {
    let (ours, rest) = match (share.tenths(), share.rest().tenths()) {
        (_, 0) => (1, 0),
        (0, _) => (0, 1),
        (ours, rest) if ours % 10 == 0 => (ours / 10, rest / 10),
        (ours, rest) => (ours, rest),
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
    use crate::ports::share_of;

    #[test]
    fn every_share_comes_back_from_its_weights() {
        for tenths in 0..=1000 {
            let given = Share::of_tenths(tenths);
            let targets = weights("green", Some("blue"), given);
            assert!(
                targets.iter().all(|target| target.weight <= 999),
                "{tenths}"
            );
            assert!(targets.iter().any(|target| target.weight > 0), "{tenths}");
            assert_eq!(share_of(&targets, "green"), given);
            assert_eq!(share_of(&targets, "blue"), given.rest());
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
        assert_eq!(share_of(&forward, "green"), Share::LEAST);
        assert_eq!(share_of(&forward, "blue"), Share::LEAST.rest());
        assert_eq!(share_of(&[], "green"), Share::NONE);
    }
}
