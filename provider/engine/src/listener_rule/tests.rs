//! What stays of a forward when the pair changes.

use super::*;

fn forward(weights: &[(&str, u32)]) -> Vec<WeightedTarget> {
    weights
        .iter()
        .map(|(group, weight)| WeightedTarget {
            target_group: (*group).to_owned(),
            weight: *weight,
        })
        .collect()
}

fn pair() -> [String; 2] {
    ["blue".to_owned(), "green".to_owned()]
}

#[test]
fn weights_of_the_pair_stay_and_others_go() {
    for (now, then) in [
        (
            &[("blue", 90), ("green", 10)][..],
            [("blue", 90), ("green", 10)],
        ),
        (&[("green", 1), ("blue", 0)], [("blue", 0), ("green", 1)]),
        (&[("green", 7)], [("blue", 0), ("green", 7)]),
        (
            &[("other", 50), ("green", 50)],
            [("blue", 0), ("green", 50)],
        ),
        (&[("other", 1)], [("blue", 100), ("green", 0)]),
        (&[], [("blue", 100), ("green", 0)]),
    ] {
        assert_eq!(kept_weights(&pair(), &forward(now), 0), forward(&then));
    }
    assert_eq!(
        kept_weights(&pair(), &[], 1),
        forward(&[("blue", 0), ("green", 100)])
    );
}

#[test]
fn the_pair_is_a_set() {
    assert!(is_pair(&forward(&[("green", 0), ("blue", 1)]), &pair()));
    assert!(!is_pair(&forward(&[("blue", 1)]), &pair()));
    assert!(!is_pair(
        &forward(&[("blue", 1), ("green", 0), ("other", 0)]),
        &pair()
    ));
    assert!(!is_pair(&[], &pair()));
}

#[test]
fn only_what_was_in_the_pair_and_serves_may_not_leave() {
    let before = |groups: &[&str]| groups.iter().map(|group| (*group).to_owned()).collect();
    let serving = |groups: &[&str], now: &[(&str, u32)]| {
        still_serving(&before(groups), &pair(), &forward(now)).map(|it| it.target_group.clone())
    };
    assert_eq!(
        serving(&["old", "blue"], &[("old", 1)]).as_deref(),
        Some("old")
    );
    assert_eq!(serving(&["old", "blue"], &[("old", 0), ("blue", 1)]), None);
    // Somebody else has put it there.
    assert_eq!(serving(&["blue", "green"], &[("other", 1)]), None);
}

#[test]
fn a_fingerprint_knows_the_order_of_nothing() {
    let wanted = |pair: [&str; 2]| DesiredRule {
        listener: "l".to_owned(),
        priority: None,
        conditions: BTreeSet::new(),
        pair: pair.map(str::to_owned),
        stickiness_seconds: None,
        tags: DesiredTags::default(),
    };
    let of = |pair| wanted(pair).fingerprint();
    assert_eq!(of(["a", "b"]), of(["b", "a"]));
    assert_ne!(of(["a", "b"]), of(["a", "c"]));
    let other = DesiredRule {
        priority: Some(1),
        ..wanted(["a", "b"])
    };
    assert_ne!(other.fingerprint(), of(["a", "b"]));
}
