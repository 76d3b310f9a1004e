//! Runs that were given up: no time left, or somebody asked.

use super::FailureText;
use super::end::End;
use super::standing::paused;

impl End<'_> {
    pub(super) fn timed_out(&self, left_running: Option<&str>) -> FailureText {
        let summary = format!(
            "Deployment of service `{}` did not end in time; {}",
            self.name,
            self.traffic()
        );
        let now = self.now();
        let (now, next) = match left_running {
            Some(id) => (
                format!("{now} {}", self.goes_on(id)),
                match self.pause(id) {
                    Some(_) => {
                        "Apply again before that: the deployment continues from there. Raise the timeout if it needs \
                         longer."
                    }
                    None => {
                        "Apply again: the apply adopts a deployment to the desired revision. Raise the timeout if it \
                         needs longer."
                    }
                },
            ),
            None => (now, "Apply again. Raise the timeout if it needs longer."),
        };
        let mut why = vec![self.limit()];
        why.extend(self.stuck());
        self.with_evidence(summary, now, why, next.to_owned())
    }

    /// A deployment was confirmed, and none is listed: an endpoint without service deployments, mostly.
    pub(super) fn not_listed(&self) -> FailureText {
        let summary = format!(
            "Service `{}` exists, and no deployment of it is listed; it is not known whether the revision became \
             live",
            self.name
        );
        let now = match &self.facts.live {
            Some(live) => format!(
                "The service is configured for revision {}; {} of {} tasks are running. Where its traffic goes is \
                 not known.",
                self.facts.desired, live.running, live.desired
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
        self.with_evidence(summary, now, why, next)
    }

    /// What becomes of a deployment that is left alone.
    pub(super) fn goes_on(&self, id: &str) -> String {
        match self.pause(id) {
            Some(pause) => paused(pause),
            None if self.is_external() => format!(
                "Task set {id} stays as it is: nothing moves its traffic before the next apply."
            ),
            None => format!("Deployment {id} continues without this apply."),
        }
    }

    /// Why nothing was sent back, where that is known.
    fn stuck(&self) -> Option<String> {
        self.facts.stuck.then(|| {
            "The traffic was not returned: the old task set has no healthy target, and the new one has."
                .to_owned()
        })
    }

    /// Canceled, and the deployment `id` is left as it is.
    pub(super) fn canceled_and_left(&self, id: &str) -> FailureText {
        let is_paused = self.pause(id).is_some();
        let stays = self.is_external() || is_paused;
        let its = if stays {
            "its deployment stays where it is"
        } else {
            "its deployment continues"
        };
        let summary = format!(
            "Apply of service `{}` was canceled; {its}, {}",
            self.name,
            self.traffic()
        );
        let now = if stays {
            format!("{} {}", self.now(), self.goes_on(id))
        } else {
            format!(
                "{} Deployment {id} still runs in AWS, without this apply.",
                self.now()
            )
        };
        let mut why = vec!["The apply was canceled and did not stop the deployment.".to_owned()];
        why.extend(self.stuck());
        let next = if self.is_external() {
            "Apply again to adopt the deployment. To undo it, apply the previous revision."
        } else if is_paused {
            "Apply again before that: the deployment continues from there."
        } else {
            "Apply again to adopt the deployment, or stop it in AWS."
        };
        self.with_evidence(summary, now, why, next.to_owned())
    }

    /// Canceled while no deployment of the apply was running.
    pub(super) fn canceled(&self) -> FailureText {
        Self::plain(
            format!(
                "Apply of service `{}` was canceled; {}",
                self.name,
                self.traffic()
            ),
            format!(
                "{} No deployment of this apply is running.{}",
                self.now(),
                self.left()
            ),
            "The apply was canceled.",
            "Apply again if you still want the change. Nothing needs to be cleaned up.".to_owned(),
        )
    }
}
