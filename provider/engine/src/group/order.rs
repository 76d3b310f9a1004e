//! The order in which members change.

use std::collections::{BTreeMap, BTreeSet};

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disorder {
    /// A member waits for one that is not in the group.
    Unknown {
        /// Member.
        member: String,
        /// What it waits for.
        after: String,
    },
    /// These wait for one another, the first one for the second and so on, the last one for the first.
    Circle(Vec<String>),
}

/// What each member waits for, once the regions are in stages: what is in one of `stages` waits for everything in the one
/// before that has members. Members in a region that is no stage wait only for what they name.
pub fn in_stages(
    mut members: BTreeMap<String, BTreeSet<String>>,
    regions: &BTreeMap<String, String>,
    stages: &[String],
) -> BTreeMap<String, BTreeSet<String>> {
    let of = |stage: &String| -> BTreeSet<String> {
        let regions = regions.iter().filter(|(_, region)| *region == stage);
        regions.map(|(member, _)| member.clone()).collect()
    };
    let mut before: BTreeSet<String> = BTreeSet::new();
    for stage in stages {
        let here = of(stage);
        for member in &here {
            if let Some(after) = members.get_mut(member) {
                after.extend(before.iter().cloned());
            }
        }
        if !here.is_empty() {
            before = here;
        }
    }
    members
}

/// A member that waits for one of a later stage, and that one.
pub fn against_stages(
    members: &BTreeMap<String, BTreeSet<String>>,
    regions: &BTreeMap<String, String>,
    stages: &[String],
) -> Option<(String, String)> {
    let stage = |member: &String| {
        let region = regions.get(member)?;
        stages.iter().position(|stage| stage == region)
    };
    members.iter().find_map(|(member, after)| {
        let own = stage(member)?;
        let later = after
            .iter()
            .find(|other| stage(other).is_some_and(|it| it > own))?;
        Some((member.clone(), later.clone()))
    })
}

/// Waves of members: each comes after everything it waits for, as early as that allows. Members of one wave change at the
/// same time; within a wave they are in the order of their names.
///
/// # Errors
/// A member waits for one that is not there, or for itself through others.
pub fn waves(members: &BTreeMap<String, BTreeSet<String>>) -> Result<Vec<Vec<String>>, Disorder> {
    for (member, after) in members {
        if let Some(unknown) = after.iter().find(|after| !members.contains_key(*after)) {
            return Err(Disorder::Unknown {
                member: member.clone(),
                after: unknown.clone(),
            });
        }
    }
    let mut waves = Vec::new();
    let mut placed: BTreeSet<&String> = BTreeSet::new();
    while placed.len() < members.len() {
        let is_ready = |(member, after): &(&String, &BTreeSet<String>)| {
            !placed.contains(member) && after.iter().all(|after| placed.contains(after))
        };
        let wave: Vec<&String> = members
            .iter()
            .filter(is_ready)
            .map(|(member, _)| member)
            .collect();
        if wave.is_empty() {
            return Err(Disorder::Circle(circle(members, &placed)));
        }
        placed.extend(&wave);
        waves.push(wave.into_iter().cloned().collect());
    }
    Ok(waves)
}

/// A circle among the members that are not placed: each of them waits for another of them.
fn circle(members: &BTreeMap<String, BTreeSet<String>>, placed: &BTreeSet<&String>) -> Vec<String> {
    let mut way: Vec<&String> = Vec::new();
    let mut next = members.keys().find(|member| !placed.contains(member));
    while let Some(member) = next {
        if let Some(start) = way.iter().position(|passed| *passed == member) {
            return way.into_iter().skip(start).cloned().collect();
        }
        way.push(member);
        let mut after = members.get(member).into_iter().flatten();
        next = after.find(|after| !placed.contains(after));
    }
    way.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn members(pairs: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let pairs = pairs.iter().map(|(member, after)| {
            let after = after.iter().map(|after| (*after).to_owned());
            ((*member).to_owned(), after.collect())
        });
        pairs.collect()
    }

    #[test]
    fn each_member_comes_as_early_as_what_it_waits_for_allows() {
        let shop = members(&[
            ("gateway", &["bookings", "events"]),
            ("bookings", &["users", "payments"]),
            ("events", &["users"]),
            ("users", &[]),
            ("payments", &[]),
        ]);
        assert_eq!(
            waves(&shop).unwrap(),
            [
                vec!["payments", "users"],
                vec!["bookings", "events"],
                vec!["gateway"]
            ]
        );
        assert_eq!(waves(&members(&[])), Ok(Vec::new()));
    }

    #[test]
    fn what_has_no_order_is_named() {
        let unknown = members(&[("a", &["b"]), ("c", &[])]);
        let fault = Disorder::Unknown {
            member: "a".to_owned(),
            after: "b".to_owned(),
        };
        assert_eq!(waves(&unknown), Err(fault));
        let itself = members(&[("a", &["a"])]);
        assert_eq!(waves(&itself), Err(Disorder::Circle(vec!["a".to_owned()])));
        // The circle, and neither what leads to it nor what it waits for.
        let round = members(&[
            ("a", &["b"]),
            ("b", &["c", "z"]),
            ("c", &["d"]),
            ("d", &["b"]),
            ("z", &[]),
        ]);
        let named = ["b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(waves(&round), Err(Disorder::Circle(named)));
    }

    #[test]
    fn a_stage_comes_after_everything_of_the_one_before() {
        let shop = members(&[
            ("users-1", &[]),
            ("web-1", &["users-1"]),
            ("users-2", &[]),
            ("web-2", &["users-2"]),
        ]);
        let region = |member: &str| match member.ends_with('1') {
            true => "eu-west-1".to_owned(),
            false => "us-east-1".to_owned(),
        };
        let regions = shop.keys().map(|name| (name.clone(), region(name)));
        let regions = regions.collect();
        let stages = ["eu-west-1", "eu-north-1", "us-east-1"].map(str::to_owned);
        let staged = in_stages(shop.clone(), &regions, &stages);
        assert_eq!(
            waves(&staged).unwrap(),
            [
                vec!["users-1"],
                vec!["web-1"],
                vec!["users-2"],
                vec!["web-2"]
            ]
        );
        assert_eq!(against_stages(&shop, &regions, &stages), None);
        let mut against = shop;
        against.insert("web-1".to_owned(), ["web-2".to_owned()].into());
        let named = Some(("web-1".to_owned(), "web-2".to_owned()));
        assert_eq!(against_stages(&against, &regions, &stages), named);
    }

    proptest! {
        #[test]
        fn every_member_is_in_one_wave_after_all_it_waits_for(
            after in prop::collection::vec(prop::collection::btree_set(0_usize..12, 0..4), 1..12)
        ) {
            // Members wait only for those before them, so that there is an order.
            let name = |index: usize| format!("m{index}");
            let members: BTreeMap<String, BTreeSet<String>> = after
                .iter()
                .enumerate()
                .map(|(index, after)| {
                    let after = after.iter().filter(|other| **other < index).map(|other| name(*other));
                    (name(index), after.collect())
                })
                .collect();
            let waves = waves(&members).unwrap();
            let mut passed = BTreeSet::new();
            for wave in &waves {
                for member in wave {
                    prop_assert!(members[member].iter().all(|after| passed.contains(after)));
                }
                passed.extend(wave.iter().cloned());
            }
            prop_assert_eq!(passed.len(), members.len());
            prop_assert_eq!(waves.iter().map(Vec::len).sum::<usize>(), members.len());
        }
    }
}
