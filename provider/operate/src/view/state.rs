//! What a service is in one word.

use schemars::JsonSchema;
use serde::Serialize;

/// What a service is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// All tasks run and are healthy, and nothing is in progress.
    Steady,
    /// A deployment is in progress.
    Deploying,
    /// A deployment waits until somebody continues it.
    Waiting,
    /// A deployment is being rolled back.
    RollingBack,
    /// Nothing is in progress, and something is not as it should be.
    Degraded,
    /// The service is being deleted.
    Draining,
}

impl State {
    /// As it stands in a table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Deploying => "deploying",
            Self::Waiting => "waiting",
            Self::RollingBack => "rolling back",
            Self::Degraded => "degraded",
            Self::Draining => "draining",
        }
    }
}
