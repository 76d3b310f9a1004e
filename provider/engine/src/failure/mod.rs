//! Why an apply or a delete failed, in words a user can act on.

mod access;
mod account;
mod advice;
mod before;
mod call;
mod ended;
mod evidence;
mod given_up;
mod logs;
mod not_ours;
mod outcome;
mod paused;
mod route;
#[cfg(test)]
mod tests;
mod undone;

pub use access::access_advice;
pub(crate) use access::is_of_settings;
pub(crate) use account::limit_passed;
pub(crate) use before::{
    cancelled_early, group_elsewhere, group_missing, no_such_step, task_definition_missing,
};
pub(crate) use call::{call_failed, technical_line, traffic_not_returned};
pub(crate) use evidence::collect;
pub(crate) use logs::last_lines;
pub use logs::shown_log_line;
pub(crate) use outcome::of_outcome;
pub(crate) use paused::stands_at;
pub use route::route_missing;

/// An apply or delete failed. `Display` is the summary; [`Failure::detail`] is everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Kind, for callers that branch and for the error code.
    pub kind: FailureKind,
    /// What, which service, how safe things are: one line, no full stop.
    pub summary: String,
    /// What is true now: where traffic is, what is left behind.
    pub now: String,
    /// Why: the evidence, most telling first.
    pub why: Vec<String>,
    /// What to do next.
    pub next: String,
    /// Operations, codes, request ids.
    pub technical: Vec<String>,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $id:literal,)+) => {
        /// Kinds of failures. Codes are stable; each has a page in `docs/errors`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FailureKind { $($(#[doc = $doc])+ $name,)+ }

        impl FailureKind {
            /// Every kind, in the order of codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code, such as `SY0201`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

kinds! {
    /// The rollout failed and AWS (or we) rolled it back.
    RolledBack = "SY0201",
    /// The rollout failed and the rollback failed as well.
    RollbackFailed = "SY0202",
    /// The rollout was stopped by someone, without a rollback.
    Stopped = "SY0203",
    /// Another rollout took over.
    Superseded = "SY0204",
    /// The time limit was reached.
    TimedOut = "SY0205",
    /// The apply was cancelled.
    Cancelled = "SY0206",
    /// The first rollout cannot succeed and there is nothing to roll back to.
    FirstRolloutFailed = "SY0207",
    /// A service of that name exists and is not ours.
    AlreadyExists = "SY0208",
    /// The service has another controller than wanted.
    ControllerDiffers = "SY0209",
    /// The service was deleted meanwhile.
    Vanished = "SY0210",
    /// The CodeDeploy deployment failed without a rollback.
    DeploymentFailed = "SY0211",
    /// Something the service refers to does not exist.
    NotFound = "SY0212",
    /// AWS says the request is wrong.
    Rejected = "SY0213",
    /// Credentials are missing, wrong or not allowed to do this.
    Denied = "SY0214",
    /// AWS could not be reached or did not answer.
    Unavailable = "SY0215",
    /// AWS answered something that cannot be understood.
    Unexpected = "SY0216",
    /// A gate failed.
    GateFailed = "SY0217",
    /// A deployment to something else is in the way.
    InTheWay = "SY0218",
    /// AWS has confirmed a deployment and lists none at all.
    NotListed = "SY0219",
    /// There is no service to scale.
    ScalingServiceMissing = "SY0220",
    /// What is to be made exists and is somebody else's.
    ScalingNotOurs = "SY0221",
    /// AWS refused a change of the scaling.
    ScalingRefused = "SY0222",
    /// A policy was taken away for another one, and neither could be put.
    ScalingPolicyLost = "SY0223",
    /// The deployment has succeeded, and what its traffic goes through does not exist any more.
    RouteMissing = "SY0242",
    /// Production goes to a side without targets, and AWS refused to put the weights back.
    TrafficNotReturned = "SY0245",
}

impl Failure {
    /// What has happened and the first reason, in one or two sentences that may leave this process: lines of logs, which
    /// hold what programs print, are left out.
    pub fn brief(&self) -> String {
        let told = self.why.iter().map(|line| line.trim());
        let why = told
            .take_while(|line| !line.starts_with(logs::HEADING))
            .find(|line| !line.is_empty());
        match why {
            Some(why) => format!("{}. {why}", self.summary),
            None => format!("{}.", self.summary),
        }
    }

    /// The three paragraphs — now, why, next — and the technical tail.
    pub fn detail(&self) -> String {
        let mut text = self.now.clone();
        if !self.why.is_empty() {
            text.push_str("\n\n");
            text.push_str(&self.why.join("\n"));
        }
        text.push_str("\n\n");
        text.push_str(&self.next);
        text.push_str("\n\nTechnical details: ");
        text.push_str(self.kind.code());
        for line in &self.technical {
            text.push_str("\n  ");
            text.push_str(line);
        }
        text
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.summary)
    }
}

impl std::error::Error for Failure {}
