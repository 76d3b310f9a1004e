//! The only effects that exist.

use crate::weights::Share;

/// What is changed at AWS. A decision that changes nothing has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Create the service, with its mark.
    Create,
    /// Send settings, desired count and tags that differ; starts no rollout.
    Adjust,
    /// Start a rollout to what is wanted (UpdateService or CreateDeployment).
    StartRollout,
    /// Of a rollout that AWS carries out.
    Rollout(RolloutStep),
    /// Of a rollout whose traffic we move ([`crate::Engine::External`]).
    Side(SideStep),
    /// Of automatic scaling around a rollout.
    Scaling(ScalingEffect),
    /// Make the production rule forward to both groups, all traffic to the live one.
    PrepareRoutes,
    /// Send the production traffic that goes to a side without targets back to the side that serves.
    ReturnTraffic,
    /// Change the controller of the service.
    SwitchController,
}

/// What is done with a running rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RolloutStep {
    /// Let a held deployment go on.
    Continue {
        /// Its id.
        deployment: String,
        /// [`crate::Paused::id`].
        hold: String,
    },
    /// Stop the rollout.
    Stop {
        /// Its id.
        deployment: String,
        /// Go back to the revision before; otherwise it stays where it is.
        roll_back: bool,
    },
}

/// What is done with task sets and their traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SideStep {
    /// Create the task set of the wanted revision.
    Create,
    /// Make this task set the primary one.
    Promote {
        /// Its id.
        side: String,
    },
    /// Delete this task set.
    Remove {
        /// Its id.
        side: String,
    },
    /// Send this share of production traffic to this task set, the rest to the other one.
    Shift {
        /// Its id.
        side: String,
        /// Tenths of a percent, 0–1000.
        share: Share,
    },
    /// Send all test traffic to this task set.
    ShiftTest {
        /// Its id.
        side: String,
    },
}

/// What is done with automatic scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingEffect {
    /// Put it back as it was, and take our note away.
    Resume,
    /// Note how it is, then suspend it.
    Suspend,
}

impl From<RolloutStep> for Effect {
    fn from(step: RolloutStep) -> Self {
        Self::Rollout(step)
    }
}

impl From<SideStep> for Effect {
    fn from(step: SideStep) -> Self {
        Self::Side(step)
    }
}

impl From<ScalingEffect> for Effect {
    fn from(step: ScalingEffect) -> Self {
        Self::Scaling(step)
    }
}

impl Effect {
    /// The step's name, for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Adjust => "Adjust",
            Self::Create => "Create",
            Self::PrepareRoutes => "PrepareRoutes",
            Self::ReturnTraffic => "ReturnTraffic",
            Self::StartRollout => "StartRollout",
            Self::SwitchController => "SwitchController",
            Self::Rollout(RolloutStep::Continue { .. }) => "ContinueRollout",
            Self::Rollout(RolloutStep::Stop { .. }) => "StopRollout",
            Self::Side(SideStep::Create) => "CreateSide",
            Self::Side(SideStep::Promote { .. }) => "PromoteSide",
            Self::Side(SideStep::Remove { .. }) => "RemoveSide",
            Self::Side(SideStep::Shift { .. }) => "Shift",
            Self::Side(SideStep::ShiftTest { .. }) => "ShiftTest",
            Self::Scaling(ScalingEffect::Resume) => "ResumeScaling",
            Self::Scaling(ScalingEffect::Suspend) => "SuspendScaling",
        }
    }
}
