//! The fault plan: which calls go wrong, and how.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::service;

/// One entry of a fault plan.
///
/// Calls that match `service` and `operation` are counted from 1 since the plan was posted; the
/// entry fires for `count` of them starting with number `first` (default: every one). `nth` is
/// short for exactly one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `ecs`, `elbv2`, `codedeploy`, `application-autoscaling`, `cloudwatch`, or the signing name
    /// of a service moto answers; `*` is any.
    pub service: String,
    /// The operation's name; `*` is any.
    pub operation: String,
    /// Fires for this call alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Fires from this call on (default 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Fires for this many calls (default: all).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Fires for this many of a hundred of those calls, evenly spread (default: every one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Real milliseconds, for `latency_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Lab seconds, for `stale`: only reads that come so soon after a write to the service, and they show what there was
    /// before it. Without it, reads show what they showed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// Refused with the service's own throttling error; nothing happens.
    #[serde(rename = "throttle")]
    Throttle,
    /// Internal server error; nothing happens.
    #[serde(rename = "500")]
    InternalError,
    /// Service unavailable; nothing happens.
    #[serde(rename = "503")]
    Unavailable,
    /// Refused because the caller may not do this; nothing happens.
    #[serde(rename = "denied")]
    Denied,
    /// Refused because the caller's session has ended; nothing happens.
    #[serde(rename = "expired_token")]
    ExpiredToken,
    /// Answered normally, but later.
    #[serde(rename = "latency_ms")]
    Latency,
    /// The connection closes before anything happens.
    #[serde(rename = "reset")]
    Reset,
    /// The call takes effect, then the connection closes instead of an answer.
    #[serde(rename = "lost_answer")]
    LostAnswer,
    /// A read shows what there was: what was written since is not there yet.
    #[serde(rename = "stale")]
    Stale,
}

/// What a firing fault asks of the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Throttle,
    InternalError,
    Unavailable,
    Denied,
    ExpiredToken,
    Latency(Duration),
    Reset,
    LostAnswer,
    Stale(Staleness),
}

/// What a stale read shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Staleness {
    /// What the same request was answered the last time.
    LastAnswer,
    /// What there was before the last write to the service, if that was no longer ago.
    BeforeWrite(Duration),
}

#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    fault: Fault,
    seen: u64,
}

impl Fault {
    fn matches(&self, service: &str, operation: &str) -> bool {
        (self.service == "*" || service::canonical_name(&self.service) == service)
            && (self.operation == "*" || self.operation == operation)
    }

    fn fires_at(&self, number: u64) -> bool {
        let (first, count) = match self.nth {
            Some(nth) => (nth, Some(1)),
            None => (self.first.unwrap_or(1), self.count),
        };
        let Some(nth) = number.checked_sub(first) else {
            return false;
        };
        let percent = u64::from(self.percent.unwrap_or(100).min(100));
        let fired_before = |calls: u64| calls * percent / 100;
        count.is_none_or(|count| nth < count) && fired_before(nth + 1) > fired_before(nth)
    }

    fn trouble(&self) -> Trouble {
        match self.kind {
            FaultKind::Throttle => Trouble::Throttle,
            FaultKind::InternalError => Trouble::InternalError,
            FaultKind::Unavailable => Trouble::Unavailable,
            FaultKind::Denied => Trouble::Denied,
            FaultKind::ExpiredToken => Trouble::ExpiredToken,
            FaultKind::Latency => {
                Trouble::Latency(Duration::from_millis(self.latency_ms.unwrap_or_default()))
            }
            FaultKind::Reset => Trouble::Reset,
            FaultKind::LostAnswer => Trouble::LostAnswer,
            FaultKind::Stale => Trouble::Stale(match self.seconds {
                None => Staleness::LastAnswer,
                Some(seconds) => Staleness::BeforeWrite(Duration::from_secs(seconds)),
            }),
        }
    }
}

impl FaultPlan {
    /// Adds entries; each counts from its own start.
    pub(crate) fn add(&self, faults: Vec<Fault>) {
        self.lock()
            .extend(faults.into_iter().map(|fault| Entry { fault, seen: 0 }));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// The entries with how many matching calls each has seen.
    pub(crate) fn report(&self) -> Vec<(Fault, u64)> {
        self.lock()
            .iter()
            .map(|entry| (entry.fault.clone(), entry.seen))
            .collect()
    }

    /// Whether some call may be answered with what was answered before.
    pub(crate) fn has_stale(&self) -> bool {
        let entries = self.lock();
        let mut kinds = entries.iter().map(|entry| entry.fault.kind);
        kinds.any(|kind| kind == FaultKind::Stale)
    }

    /// Counts a call against every matching entry; the first one that fires decides.
    pub(crate) fn strike(&self, service: &str, operation: &str) -> Option<Trouble> {
        let mut struck = None;
        for entry in self.lock().iter_mut() {
            if entry.fault.matches(service, operation) {
                entry.seen += 1;
                if struck.is_none() && entry.fault.fires_at(entry.seen) {
                    struck = Some(entry.fault.trouble());
                }
            }
        }
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(value: serde_json::Value) -> FaultPlan {
        let plan = FaultPlan::default();
        plan.add(serde_json::from_value(value).unwrap());
        plan
    }

    #[test]
    fn fires_for_the_calls_it_names_alone() {
        let plan = plan(json!([
            {"service": "elasticloadbalancing", "operation": "ModifyRule", "nth": 2, "kind": "throttle"},
            {"service": "ecs", "operation": "*", "first": 2, "count": 2, "kind": "500"},
        ]));
        let strikes = |service, operation, times| -> Vec<_> {
            (0..times)
                .map(|_| plan.strike(service, operation))
                .collect()
        };
        assert_eq!(
            strikes("elbv2", "ModifyRule", 3),
            [None, Some(Trouble::Throttle), None]
        );
        assert_eq!(
            strikes("ecs", "CreateService", 4),
            [
                None,
                Some(Trouble::InternalError),
                Some(Trouble::InternalError),
                None
            ]
        );
        assert_eq!(plan.strike("elbv2", "DescribeRules"), None);
    }

    #[test]
    fn a_share_of_the_calls_is_evenly_spread() {
        let plan = plan(json!([
            {"service": "*", "operation": "*", "percent": 40, "kind": "throttle"},
        ]));
        let fired = |calls| -> Vec<bool> {
            (0..calls)
                .map(|_| plan.strike("ecs", "ListServices").is_some())
                .collect()
        };
        assert_eq!(fired(5), [false, false, true, false, true]);
        assert_eq!(fired(995).into_iter().filter(|fired| *fired).count(), 398);
    }

    #[test]
    fn misspelt_entries_are_refused() {
        let misspelt = json!({"service": "ecs", "operation": "*", "kind": "throttle", "nht": 1});
        assert!(serde_json::from_value::<Fault>(misspelt).is_err());
    }
}
