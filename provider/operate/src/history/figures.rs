//! The four figures of DORA, from deployments alone.

use schemars::JsonSchema;
use serde::Serialize;

use super::entry::Entry;

/// How well a service is deployed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Figures {
    /// Days that were looked at.
    pub(super) days: u16,
    /// Deployments that have ended.
    pub(super) ended: usize,
    /// Those among them that did not succeed.
    pub(super) failed: usize,
    /// Deployments that succeeded, for a week.
    pub(super) deployments_per_week: f64,
    /// Share of those that did not succeed; absent when none has ended.
    pub(super) change_failure_percent: Option<f64>,
    /// Median time from the start of a deployment that did not succeed until its end, when the earlier revision serves
    /// again; absent when all succeeded.
    pub(super) restore_seconds: Option<i64>,
    /// Median time from commit to production; absent where no task definition says when its commit was.
    pub(super) lead_seconds: Option<i64>,
}

pub(super) fn figures(entries: &[Entry], days: u16) -> Figures {
    let ended: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.succeeded.is_some())
        .collect();
    let failed: Vec<&&Entry> = ended
        .iter()
        .filter(|entry| entry.succeeded == Some(false))
        .collect();
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let succeeded = ended.len() - failed.len();
    let took = |entry: &&&Entry| {
        let (from, to) = (entry.started_at?, entry.finished_at?);
        Some(to.duration_since(from).as_secs())
    };
    Figures {
        days,
        ended: ended.len(),
        failed: failed.len(),
        deployments_per_week: number(succeeded) * 7.0 / f64::from(days.max(1)),
        change_failure_percent: (!ended.is_empty())
            .then(|| number(failed.len()) * 100.0 / number(ended.len())),
        restore_seconds: median(failed.iter().filter_map(took).collect()),
        lead_seconds: median(
            entries
                .iter()
                .filter_map(|entry| entry.lead_seconds)
                .collect(),
        ),
    }
}

/// The middle one; of an even number, the lower of both.
fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    values.get(middle).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;

    use super::*;

    fn entry(succeeded: Option<bool>, seconds: i64, lead: Option<i64>) -> Entry {
        let at = |second| Timestamp::from_second(second).ok();
        Entry {
            service: "web".to_owned(),
            id: "1".to_owned(),
            status: String::new(),
            succeeded,
            from: None,
            to: None,
            images: BTreeMap::new(),
            reason: None,
            started_at: at(1000),
            finished_at: succeeded.and_then(|_| at(1000 + seconds)),
            lead_seconds: lead,
            task_definition: None,
        }
    }

    #[test]
    fn figures_count_only_what_has_ended() {
        let entries = [
            entry(Some(true), 60, Some(3600)),
            entry(Some(true), 60, Some(60)),
            entry(Some(true), 60, None),
            entry(Some(false), 300, None),
            entry(None, 0, None),
        ];
        let found = figures(&entries, 14);
        assert_eq!((found.ended, found.failed), (4, 1));
        assert_eq!(found.deployments_per_week, 1.5);
        assert_eq!(found.change_failure_percent, Some(25.0));
        assert_eq!(found.restore_seconds, Some(300));
        assert_eq!(found.lead_seconds, Some(60));
        let none = figures(&[], 30);
        assert_eq!(none.change_failure_percent, None);
        assert_eq!(none.restore_seconds, None);
    }
}
