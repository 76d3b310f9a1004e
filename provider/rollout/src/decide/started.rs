//! A rollout was asked for.

use jiff::{SignedDuration, Timestamp};

use crate::decide::ending::{gone, over_before_start, wait_or_leave};
use crate::decide::{Decision, is_overdue};
use crate::observed::{Answer, Deployment, Heading, Observed};
use crate::outcome::Outcome;
use crate::phase::{Phase, Starting};
use crate::reason::Reason;
use crate::spec::{Engine, Spec};

/// Seconds after a confirmed start for which AWS may list no deployment at all. What it lists lags by seconds; an endpoint
/// that has listed nothing by then offers no service deployments.
const LISTING_SECONDS: i64 = 10 * 60;

impl Starting {
    /// Decides until the rollout shows; it is ours when it is newer than all there was and goes where we want.
    ///
    /// The answer of CreateDeployment names what it has started. The answer of UpdateService names the
    /// service's current deployment, which may still be an earlier one: only the list of deployments says
    /// which one is new.
    pub(super) fn decide(self, spec: &Spec, observed: &Observed) -> Decision {
        if observed.active().is_none() {
            return gone(observed, self, spec);
        }
        let named = match &observed.answer {
            Answer::Done { started } => started
                .clone()
                .filter(|id| self.before.as_ref() != Some(id)),
            Answer::None | Answer::Refused | Answer::StopRefused | Answer::Unsure => None,
        };
        let follow =
            |deployment| Decision::wait(Phase::following(deployment), Reason::RolloutFound);
        if let (Engine::CodeDeploy, Some(id)) = (spec.engine, &named) {
            return follow(id.clone());
        }
        let newer = observed
            .newest
            .as_ref()
            .filter(|newest| self.is_older_than(newest));
        match newer {
            Some(newest) if named.as_ref() == Some(&newest.id) => return follow(newest.id.clone()),
            Some(newest) if newest.heading == Heading::Wanted => return follow(newest.id.clone()),
            Some(newest) if newest.heading == Heading::Elsewhere => {
                let by = newest.id.clone();
                let reason = Reason::OtherRolloutRunning {
                    deployment: by.clone(),
                };
                let deployment = named;
                return Decision::settle(Outcome::Superseded { deployment, by }, reason);
            }
            Some(_) | None => {}
        }
        let shown = named.or_else(|| newer.map(|newest| newest.id.clone()));
        let is_confirmed = matches!(observed.answer, Answer::Done { .. }) && !observed.cancelled;
        if is_confirmed && shown.is_none() && self.has_nothing_listed(spec, observed) {
            return self.not_listed(spec, observed.now);
        }
        if !is_overdue(self.asked_at, observed.now) {
            return Decision::wait(self, Reason::AnswerPending);
        }
        match (over_before_start(spec, observed), shown) {
            (Some(_), Some(id)) => {
                wait_or_leave(spec, Phase::following(id), Reason::Ended, observed)
            }
            (Some(end), None) => end,
            // It has begun: asking once more would begin another one.
            (None, Some(_)) => Decision::wait(self, Reason::DeploymentNotShown),
            // Looked at afresh: it may have come and gone unseen.
            (None, None) => Decision::wait(Phase::AwaitTurn, Reason::AskedWithoutEffect),
        }
    }

    /// Whether AWS shows no service deployment of the service, old or new.
    fn has_nothing_listed(&self, spec: &Spec, observed: &Observed) -> bool {
        spec.engine == Engine::Ecs && self.before.is_none() && observed.newest.is_none()
    }

    /// AWS has confirmed a start and lists no deployment. To ask again would start one more each time, and what the
    /// service is configured for says nothing about what became of it.
    fn not_listed(self, spec: &Spec, now: Timestamp) -> Decision {
        let waited = now.duration_since(self.asked_at);
        if now >= spec.deadline || waited >= SignedDuration::from_secs(LISTING_SECONDS) {
            return Decision::settle(Outcome::NotListed, Reason::NoDeploymentListed);
        }
        match is_overdue(self.asked_at, now) {
            true => Decision::wait(self, Reason::NoDeploymentListed),
            false => Decision::wait(self, Reason::AnswerPending),
        }
    }

    /// Whether `newest` began after this rollout was asked for. Without one to compare with, AWS may only have been
    /// slow to list it: what had ended by then is not ours.
    fn is_older_than(&self, newest: &Deployment) -> bool {
        match &self.before {
            Some(before) => newest.id != *before,
            None => newest
                .finished_at
                .is_none_or(|ended| ended >= self.asked_at),
        }
    }
}
