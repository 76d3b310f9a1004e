//! What a rollout needs before anything moves. Asked only for changes that start one.

use std::future::Future;

use futures::join;

use super::reads::{Reads, Unanswered};
use super::{capacity, definition, production, running, shared, time_limit};
use crate::finding::{Field, Finding};
use crate::live::Live;
use crate::ports::{Ports, Result, TargetGroup, TaskDefinition};
use crate::wanted::{Wanted, WantedController};

/// A call without an answer. Out of reach counts as refused: the services asked here are others than those
/// an apply needs, and may well be reachable from elsewhere only.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) unanswered: Unanswered,
    /// Without it a plan that finds nothing says little.
    pub(super) is_needed: bool,
}

/// What one group of checks came to.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    pub(super) refused: Vec<Refused>,
}

impl Checked {
    pub(super) fn extend(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.refused.extend(other.refused);
    }

    /// Asks; a call that gets no answer is noted, once for each operation.
    pub(super) async fn ask<T>(
        &mut self,
        field: Field,
        is_needed: bool,
        call: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let answer = call.await;
        self.take(field, is_needed, answer)
    }

    /// Notes an answer that is not there.
    pub(super) fn take<T>(
        &mut self,
        field: Field,
        is_needed: bool,
        answer: Result<T>,
    ) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::info!(
                    operation = error.operation,
                    target = error.target,
                    code = error.code,
                    "could not be checked before the deployment"
                );
                let is_noted =
                    |refused: &Refused| refused.unanswered.error.operation == error.operation;
                if !self.refused.iter().any(is_noted) {
                    self.refused.push(Refused {
                        unanswered: Unanswered { field, error },
                        is_needed,
                    });
                }
                None
            }
        }
    }
}

/// Everything, side by side.
pub(super) async fn of(
    ports: &Ports,
    wanted: &Wanted,
    live: Option<&Live>,
    reads: &Reads,
) -> (Vec<Finding>, Vec<Refused>) {
    let found = reads.task_definition.answer().and_then(Option::as_ref);
    let found = found.filter(|found| super::is_usable(wanted, found));
    let (definition, capacity, production, running, shared, limit) = join!(
        of_definition(ports, wanted, live, found),
        of_capacity(ports, wanted, live, found),
        production::of(ports, wanted, live, reads),
        running::of(ports, wanted, live, found),
        shared::of(ports, wanted, live),
        of_drain(ports, wanted, reads),
    );
    let mut all = definition;
    for one in [capacity, production, running, shared, limit] {
        all.extend(one);
    }
    (all.findings, all.refused)
}

async fn of_definition(
    ports: &Ports,
    wanted: &Wanted,
    live: Option<&Live>,
    found: Option<&TaskDefinition>,
) -> Checked {
    match found {
        Some(found) => definition::of(ports, wanted, live, found).await,
        None => Checked::default(),
    }
}

async fn of_capacity(
    ports: &Ports,
    wanted: &Wanted,
    live: Option<&Live>,
    found: Option<&TaskDefinition>,
) -> Checked {
    match found {
        Some(found) => capacity::of(ports, wanted, live, found).await,
        None => Checked::default(),
    }
}

/// Where we delete the old side, the rollout ends only after it has drained.
async fn of_drain(ports: &Ports, wanted: &Wanted, reads: &Reads) -> Checked {
    let mut checked = Checked::default();
    if wanted.controller != WantedController::External {
        return checked;
    }
    let groups: &[TargetGroup] = reads.target_groups.answer().map_or(&[], Vec::as_slice);
    let delays = groups
        .iter()
        .map(|group| ports.routing.deregistration_delay(&group.arn));
    let mut drain_seconds = 0;
    for answer in futures::future::join_all(delays).await {
        let delay = checked.take(Field::TargetGroups, false, answer);
        drain_seconds = drain_seconds.max(delay.unwrap_or(0));
    }
    let known = time_limit::Known {
        drain_seconds,
        ..time_limit::Known::default()
    };
    checked.findings.extend(time_limit::of(wanted, known));
    checked
}
