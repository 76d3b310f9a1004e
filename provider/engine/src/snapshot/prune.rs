//! Which snapshots go: pure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::id::SnapshotId;
use super::stored::Entry;

/// How many snapshots of a service stay, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The newest so many stay.
    pub count: u32,
    /// Older ones go.
    pub age: SignedDuration,
    /// These stay whatever else is said.
    pub keep: BTreeSet<SnapshotId>,
}

impl Default for Retention {
    /// Ten, and thirty days.
    fn default() -> Self {
        Self {
            count: 10,
            age: SignedDuration::from_hours(30 * 24),
            keep: BTreeSet::new(),
        }
    }
}

/// What may be deleted, oldest first: everything beyond the newest `count`, and everything older than `age`. Never
/// the newest good one, a pinned one, one to keep, or one that cannot be read.
pub fn prunable(entries: &[Entry], retention: &Retention, now: Timestamp) -> Vec<SnapshotId> {
    let mut readable: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.content.as_ref().ok().map(|summary| (entry, summary)))
        .collect();
    readable.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.id));
    let newest_good = readable
        .iter()
        .find(|(_, summary)| summary.condition.is_good())
        .map(|(entry, _)| entry.id);
    let count = usize::try_from(retention.count).unwrap_or(usize::MAX);
    let goes = |nth: usize, entry: &Entry| {
        let beyond = nth >= count;
        let too_old = now.duration_since(entry.id.taken_at()) > retention.age;
        let stays =
            entry.pinned || retention.keep.contains(&entry.id) || newest_good == Some(entry.id);
        (beyond || too_old) && !stays
    };
    let going = readable.iter().enumerate();
    going
        .rev()
        .filter(|(nth, (entry, _))| goes(*nth, entry))
        .map(|(_, (entry, _))| entry.id)
        .collect()
}
