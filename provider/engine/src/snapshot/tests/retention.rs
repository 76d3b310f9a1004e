//! Which snapshots go.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{at, snapshot};
use crate::snapshot::stored::Key;
use crate::snapshot::{Entry, Retention, SnapshotCondition, Summary, Unreadable, prunable};

fn entry(second: i64, content: Option<bool>, pinned: bool) -> Entry {
    let mut taken = snapshot();
    taken.taken_at = at(second);
    if content != Some(true) {
        taken.condition =
            SnapshotCondition::Degraded(vec!["1 task running, 2 desired.".to_owned()]);
    }
    Entry {
        key: Key {
            home: taken.home(),
            id: taken.id(),
        },
        id: taken.id(),
        home: taken.home(),
        location: String::new(),
        size: 1,
        content: match content {
            Some(_) => Ok(Summary::of(&taken)),
            None => Err(Unreadable::Empty),
        },
        pinned,
    }
}

fn retention(count: u32, seconds: i64) -> Retention {
    Retention {
        count,
        age: SignedDuration::from_secs(seconds),
        keep: BTreeSet::new(),
    }
}

#[test]
fn the_oldest_go_beyond_the_count() {
    let entries: Vec<_> = (0..5)
        .map(|second| entry(second, Some(true), false))
        .collect();
    let gone = prunable(&entries, &retention(3, 1000), at(10));
    assert_eq!(gone, [entries[0].id, entries[1].id]);
    assert_eq!(prunable(&entries, &retention(5, 1000), at(10)), []);
}

#[test]
fn the_old_go_whatever_the_count() {
    let entries: Vec<_> = (0..5)
        .map(|second| entry(second, Some(true), false))
        .collect();
    let gone = prunable(&entries, &retention(10, 3), at(5));
    assert_eq!(
        gone,
        [entries[0].id, entries[1].id],
        "exactly as old as the limit stays"
    );
    let gone = prunable(&entries, &retention(10, 3), at(1_000_000));
    assert_eq!(gone.len(), 4, "the newest good one stays");
}

#[test]
fn the_newest_good_one_stays_however_many_bad_ones_come_after_it() {
    let mut entries = vec![entry(0, Some(true), false), entry(1, Some(true), false)];
    entries.extend((2..20).map(|second| entry(second, Some(false), false)));
    let gone = prunable(&entries, &retention(3, 1_000_000), at(30));
    assert!(gone.contains(&entries[0].id));
    assert!(!gone.contains(&entries[1].id));
    assert_eq!(gone.len(), 16);
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let one = (0i64..60, of(any::<bool>()), any::<bool>());
    vec(one, 0..25).prop_map(|found| {
        let mut seen = BTreeSet::new();
        found
            .into_iter()
            .map(|(second, content, pinned)| entry(second, content, pinned))
            .filter(|entry| seen.insert(entry.id))
            .collect()
    })
}

proptest! {
    #[test]
    fn retention_keeps_what_must_stay_and_nothing_that_may_go(
        entries in entries(),
        count in 0u32..12,
        age in 0i64..80,
        now in 0i64..100,
        kept in any::<prop::sample::Selector>(),
    ) {
        let mut retention = retention(count, age);
        if !entries.is_empty() {
            retention.keep.insert(kept.select(&entries).id);
        }
        let now = at(now);
        let gone: BTreeSet<_> = prunable(&entries, &retention, now).into_iter().collect();
        let readable = |entry: &&Entry| entry.content.is_ok();
        let is_good = |entry: &&Entry| {
            entry.content.as_ref().is_ok_and(|summary| summary.condition.is_good())
        };
        let newest_good = entries.iter().filter(is_good).map(|entry| entry.id).max();
        for entry in &entries {
            let newer = entries.iter().filter(readable).filter(|other| other.id > entry.id).count();
            let beyond = newer >= count as usize;
            let too_old = now.duration_since(entry.id.taken_at()) > retention.age;
            let must_stay = entry.pinned
                || entry.content.is_err()
                || retention.keep.contains(&entry.id)
                || newest_good == Some(entry.id);
            prop_assert_eq!(gone.contains(&entry.id), (beyond || too_old) && !must_stay);
        }
        // What is left is left again.
        let left: Vec<_> = entries.into_iter().filter(|entry| !gone.contains(&entry.id)).collect();
        prop_assert_eq!(prunable(&left, &retention, now), Vec::new());
    }
}
