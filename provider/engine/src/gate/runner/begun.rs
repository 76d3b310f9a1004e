//! Measurements that have begun, and what they bring.

use std::sync::Mutex;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;

use crate::gate::ask::Missed;
use crate::gate::command::TaskLook;
use crate::gate::judge::Sample;

/// Measurements that have begun: they outlive the poll that began them. Never locked, only shareable.
pub(super) type UnderWay<'a> = Mutex<Begun<'a>>;

/// Measurements that have begun.
#[derive(Default)]
pub(super) struct Begun<'a> {
    /// All that were due together, and take little time.
    pub(super) quick: Option<BoxFuture<'a, Vec<Brought>>>,
    /// Those that may take minutes: nobody waits for them.
    pub(super) slow: FuturesUnordered<BoxFuture<'a, Brought>>,
}

impl Begun<'_> {
    /// What is brought next; nothing when nothing has begun. May be dropped: what has begun stays.
    pub(super) async fn next(&mut self) -> Vec<Brought> {
        let Self { quick, slow } = self;
        let Some(together) = quick else {
            return slow.next().await.into_iter().collect();
        };
        let brought = tokio::select! {
            biased;
            brought = together => brought,
            Some(one) = slow.next() => return vec![one],
        };
        *quick = None;
        brought
    }
}

/// What a measurement brought.
pub(super) enum Brought {
    Metric(usize, Sample),
    Round(usize, Result<String, Missed>),
    Task(usize, TaskLook),
}
