//! What a group of checks came to.

use std::future::Future;

use super::reads::Unanswered;
use crate::finding::{Field, Finding};
use crate::ports::Result;

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
