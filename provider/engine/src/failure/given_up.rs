//! Runs that were given up: no time left, or somebody asked.

use switchyard_rollout::Heading;

use super::account::Account;
use super::paused::pause;
use super::{Failure, FailureKind};
use crate::desired::OnCancel;

impl Account<'_> {
    pub(super) fn timed_out(self, left_running: Option<&str>) -> Failure {
        let limit = self.limit();
        let now = self.now();
        let traffic = self.traffic();
        let summary = format!(
            "Deployment of service `{}` did not end in time; {traffic}",
            self.name()
        );
        let (now, next, account) = match left_running {
            Some(id) => (
                format!("{now} {}", self.goes_on(id)),
                match pause(self.seen, id) {
                    Some(_) => "Apply again before that: the deployment continues from there. Raise the timeout if \
                                it needs longer."
                        .to_owned(),
                    None => "Apply again: the apply adopts a deployment to the desired revision. Raise the timeout \
                             if it needs longer."
                        .to_owned(),
                },
                self.with_deployment(id),
            ),
            None => (now, "Apply again. Raise the timeout if it needs longer.".to_owned(), self),
        };
        let mut why = vec![limit];
        why.extend(account.stuck());
        account.failure(FailureKind::TimedOut, summary, now, why, next)
    }

    /// A deployment was confirmed, and none is listed: an endpoint without service deployments, mostly.
    pub(super) fn not_listed(self) -> Failure {
        let summary = format!(
            "Service `{}` exists, and no deployment of it is listed; it is not known whether the revision became \
             live",
            self.name()
        );
        let now = match self.live {
            Some(live) => format!(
                "The service is configured for revision {}; {} of {} tasks are running. Where its traffic goes is \
                 not known.",
                self.wanted_revision(),
                live.service.running,
                live.service.desired
            ),
            None => self.now(),
        };
        let why = vec![
            "AWS confirmed the deployment, and ListServiceDeployments says that the service has none. Running tasks \
             prove nothing: only a deployment says whether its revision became live."
                .to_owned(),
        ];
        let next = "If `endpoint` or `endpoints` is not AWS, it does not offer service deployments of ECS: use an \
                    endpoint that does. On AWS, apply again: the apply adopts a deployment that is listed by then."
            .to_owned();
        self.failure(FailureKind::NotListed, summary, now, why, next)
    }

    /// What becomes of a rollout that is left alone.
    pub(super) fn goes_on(&self, id: &str) -> String {
        if let Some(pause) = pause(self.seen, id) {
            return pause;
        }
        if self.is_external() {
            format!(
                "Task set {id} stays as it is: nothing moves its traffic before the next apply."
            )
        } else {
            format!("Deployment {id} continues without this apply.")
        }
    }

    /// Why nothing was sent back, where that is known.
    pub(super) fn stuck(&self) -> Option<String> {
        let sides = &self.seen.sides.as_ref()?.all;
        let has = |is_new: bool, is_fit: fn(u32) -> bool| {
            let mut sides = sides.iter();
            sides.any(|side| {
                (side.heading == Heading::Wanted) == is_new && side.healthy.is_some_and(is_fit)
            })
        };
        let is_stuck = self.wanted.on_cancel == OnCancel::Rollback
            && has(true, |healthy| healthy > 0)
            && has(false, |healthy| healthy == 0);
        is_stuck.then(|| {
            "The traffic was not returned: the old task set has no healthy target, and the new one has."
                .to_owned()
        })
    }

    pub(super) fn cancelled(self, left_running: Option<&str>) -> Failure {
        let traffic = self.traffic();
        let name = self.name().to_owned();
        match left_running {
            Some(id) => {
                let is_paused = pause(self.seen, id).is_some();
                let its = if self.is_external() || is_paused {
                    "its deployment stays where it is"
                } else {
                    "its deployment continues"
                };
                let summary = format!("Apply of service `{name}` was canceled; {its}, {traffic}");
                let now = if self.is_external() || is_paused {
                    format!("{} {}", self.now(), self.goes_on(id))
                } else {
                    format!(
                        "{} Deployment {id} still runs in AWS, without this apply.",
                        self.now()
                    )
                };
                let mut why =
                    vec!["The apply was canceled and did not stop the deployment.".to_owned()];
                why.extend(self.stuck());
                let next = if self.is_external() {
                    "Apply again to adopt the deployment. To undo it, apply the previous revision."
                        .to_owned()
                } else if is_paused {
                    "Apply again before that: the deployment continues from there.".to_owned()
                } else {
                    "Apply again to adopt the deployment, or stop it in AWS.".to_owned()
                };
                self.with_deployment(id)
                    .failure(FailureKind::Cancelled, summary, now, why, next)
            }
            None => {
                let summary = format!("Apply of service `{name}` was canceled; {traffic}");
                let now = format!(
                    "{} No deployment of this apply is running.{}",
                    self.now(),
                    self.left()
                );
                let next =
                    "Apply again if you still want the change. Nothing needs to be cleaned up."
                        .to_owned();
                let why = vec!["The apply was canceled.".to_owned()];
                Failure {
                    kind: FailureKind::Cancelled,
                    summary,
                    now,
                    why,
                    next,
                    technical: self.technical,
                }
            }
        }
    }
}
