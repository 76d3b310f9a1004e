//! The only effects that exist.

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send settings, desired count and tags that differ; starts no rollout.
    Adjust,
    /// Create the service, with its mark.
    Create,
    /// Nothing: the run is over.
    Finish,
    /// Start a rollout to what is wanted (UpdateService or CreateDeployment).
    StartRollout,
    /// Stop the rollout.
    StopRollout {
        /// Its id.
        deployment: String,
        /// Go back to the revision before; otherwise it stays where it is.
        roll_back: bool,
    },
    /// Nothing: look again later.
    Wait,
}

impl Step {
    /// The step's name, for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Adjust => "Adjust",
            Self::Create => "Create",
            Self::Finish => "Finish",
            Self::StartRollout => "StartRollout",
            Self::StopRollout { .. } => "StopRollout",
            Self::Wait => "Wait",
        }
    }

    /// Whether it changes anything at AWS.
    pub fn is_effect(&self) -> bool {
        match self {
            Self::Adjust | Self::Create | Self::StartRollout | Self::StopRollout { .. } => true,
            Self::Finish | Self::Wait => false,
        }
    }
}
