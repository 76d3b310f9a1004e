//! What the user wants, as far as decisions look at it.

use jiff::Timestamp;

/// Who moves traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// AWS CodeDeploy: a rollout is a CodeDeploy deployment, a rollback is another one.
    CodeDeploy,
    /// ECS: a rollout is a service deployment that carries its own rollback.
    Ecs,
}

/// Whether the service is expected to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A service that exists already is someone else's, unless it carries our mark.
    Create,
    /// The service is ours.
    Update,
}

/// What a cancelled or timed-out run does with the rollout it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCancel {
    /// Leave it running.
    Leave,
    /// Stop it and roll back.
    Rollback,
}

/// What is wanted. What the revision looks like is compared by the observer and arrives as
/// [`crate::Differences`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Who moves traffic.
    pub engine: Engine,
    /// Whether the service is expected to exist.
    pub intent: Intent,
    /// Roll out even when nothing differs.
    pub force: bool,
    /// When the run must be over; a rollback begun by then may take
    /// [`crate::ROLLBACK_ALLOWANCE_SECONDS`] longer.
    pub deadline: Timestamp,
    /// What a cancelled or timed-out run does.
    pub on_cancel: OnCancel,
    /// Tasks wanted.
    pub desired: u32,
}
