//! Who had the traffic when.

use jiff::Timestamp;
use switchyard_engine::{DeploymentRecord, Share, TimelineEntry};

/// A stretch of time in which the new revision had one share of the traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) share: Share,
}

impl Stretch {
    pub(crate) fn seconds(&self) -> u64 {
        u64::try_from(self.to.duration_since(self.from).as_secs()).unwrap_or_default()
    }
}

/// When a deployment began and ended; never the other way round.
pub(crate) fn span(record: &DeploymentRecord) -> (Timestamp, Timestamp) {
    let (from, to) = (record.started_at, record.finished_at);
    (from.min(to), from.max(to))
}

/// The moments that were seen, in order, within the deployment.
pub(crate) fn moments(record: &DeploymentRecord) -> Vec<(Timestamp, &TimelineEntry)> {
    let (from, to) = span(record);
    let mut seen: Vec<_> = record
        .timeline
        .iter()
        .map(|entry| (entry.at.clamp(from, to), entry))
        .collect();
    seen.sort_by_key(|(at, _)| *at);
    seen
}

/// The share of the new revision from the beginning to the end; empty when AWS has shown none.
pub(crate) fn stretches(record: &DeploymentRecord) -> Vec<Stretch> {
    let (from, to) = span(record);
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, entry) in moments(record) {
        let Some(share) = entry.weight.and_then(Share::of_percent) else {
            continue;
        };
        match stretches.last_mut() {
            Some(last) if last.share == share => continue,
            Some(last) => last.to = at,
            // Before anything was seen, nothing had moved.
            None if !share.is_none() && at > from => stretches.push(Stretch {
                from,
                to: at,
                share: Share::NONE,
            }),
            None => {}
        }
        let from = if stretches.is_empty() { from } else { at };
        stretches.push(Stretch { from, to, share });
    }
    stretches
}

/// Those in which it had any.
pub(crate) fn shares(record: &DeploymentRecord) -> Vec<Stretch> {
    let mut shares = stretches(record);
    shares.retain(|stretch| !stretch.share.is_none());
    shares
}

/// The share at one moment.
pub(crate) fn share_at(stretches: &[Stretch], at: Timestamp) -> Option<Share> {
    let after = stretches.iter().rev().find(|stretch| stretch.from <= at);
    after.or(stretches.first()).map(|stretch| stretch.share)
}
