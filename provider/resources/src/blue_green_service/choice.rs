//! What a configuration chooses: who moves traffic, and how.

/// Who moves traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControllerChoice {
    /// ECS itself.
    Ecs,
    /// AWS CodeDeploy.
    CodeDeploy,
    /// This provider: task sets and listener weights.
    External,
}

/// How a new revision takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    /// Tasks are replaced in place.
    Rolling,
    /// All traffic moves at once.
    AllAtOnce,
    /// Two shifts.
    Canary,
    /// Equal shifts.
    Linear,
    /// Weights that are held as written.
    Steps,
}
