//! Which account is given of which outcome.

use switchyard_rollout::Outcome;

use super::account::Account;
use super::evidence::Evidence;
use super::{Failure, FailureKind};
use crate::app_spec;
use crate::goal::Goal;
use crate::live::Live;
use crate::sighting::Sighting;

/// Renders an outcome that is not success.
pub(crate) fn of_outcome(
    goal: &Goal<'_>,
    outcome: &Outcome,
    seen: &Sighting,
    live: Option<&Live>,
    evidence: Evidence,
    technical: Vec<String>,
) -> Failure {
    let account = Account {
        wanted: goal.wanted,
        task_definition: &goal.task_definition,
        seen,
        live,
        evidence,
        technical,
    };
    rendered(account, outcome)
}

/// One function for each outcome.
pub(super) fn rendered(account: Account<'_>, outcome: &Outcome) -> Failure {
    match outcome {
        Outcome::RolledBack { deployment, cause } => account.rolled_back(deployment, *cause),
        Outcome::RollbackFailed { deployment, cause } => {
            account.rollback_failed(deployment, *cause)
        }
        Outcome::NotUndone { deployment, cause } => account.not_undone(deployment, *cause),
        Outcome::Stopped { deployment, cause } => account.stopped(deployment, *cause),
        Outcome::DeploymentFailed { deployment } => account.deployment_failed(deployment),
        Outcome::FirstRolloutFailed { deployment } => {
            account.first_rollout_failed(deployment.as_deref())
        }
        Outcome::Superseded { deployment, by } => account.superseded(deployment.as_deref(), by),
        Outcome::TimedOut { left_running } => account.timed_out(left_running.as_deref()),
        Outcome::Cancelled { left_running } => account.cancelled(left_running.as_deref()),
        Outcome::AlreadyExists => account.already_exists(),
        Outcome::ControllerDiffers => account.controller_differs(),
        Outcome::NotListed => account.not_listed(),
        Outcome::Vanished => account.vanished(),
        Outcome::LiveButUnhealthy { deployment } => {
            account.live_but_unhealthy(deployment.as_deref())
        }
        Outcome::InTheWay {
            deployment,
            obstacle,
        } => account.in_the_way(deployment, *obstacle),
        Outcome::Succeeded { .. } => account.not_a_failure(),
    }
}

impl Account<'_> {
    fn not_a_failure(self) -> Failure {
        Failure {
            kind: FailureKind::Unexpected,
            summary: format!(
                "Service `{}`: a success was taken for a failure",
                self.name()
            ),
            now: self.now(),
            why: Vec::new(),
            next: "This is a bug in Switchyard: please report it.".to_owned(),
            technical: self.seen_technical(),
        }
    }

    fn seen_technical(&self) -> Vec<String> {
        let spec = self
            .seen
            .code_deploy
            .as_ref()
            .and_then(|found| found.app_spec.as_deref());
        spec.and_then(app_spec::task_definition)
            .into_iter()
            .chain(self.technical.iter().cloned())
            .collect()
    }
}
