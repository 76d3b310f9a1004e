//! The call log: what was asked of the lab, in order and counted.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// Entries kept in order; counts never forget.
const KEPT: usize = 50_000;

/// One answered call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// Position since the log was last cleared, from 1.
    pub number: u64,
    /// `ecs`, `elbv2`, …, or the signing name of a service moto answered.
    pub service: String,
    /// The region of the credential scope.
    pub region: String,
    /// The operation, or `METHOD /path` of REST services.
    pub operation: String,
    /// World time in epoch seconds.
    pub time: f64,
    /// HTTP status; absent when the connection was closed instead.
    pub status: Option<u16>,
    /// The error code, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Calls by service and operation.
pub type CallCounts = BTreeMap<String, BTreeMap<String, u64>>;

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    total: u64,
    counts: CallCounts,
    kept: VecDeque<Call>,
}

impl CallLog {
    /// Records an answered call; `call.number` is set here.
    pub(crate) fn record(&self, mut call: Call) {
        let mut inner = self.lock();
        inner.total += 1;
        call.number = inner.total;
        *inner
            .counts
            .entry(call.service.clone())
            .or_default()
            .entry(call.operation.clone())
            .or_default() += 1;
        if inner.kept.len() == KEPT {
            inner.kept.pop_front();
        }
        inner.kept.push_back(call);
    }

    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    pub(crate) fn counts(&self) -> CallCounts {
        self.lock().counts.clone()
    }

    pub(crate) fn in_order(&self) -> Vec<Call> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
