//! The only effects that exist.

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Let a held deployment go on, or roll it back.
    ContinueRollout {
        /// Its id.
        deployment: String,
        /// [`crate::Held::id`].
        hold: String,
    },
    /// Create the task set of the wanted revision ([`crate::Engine::External`]).
    CreateSide,
    /// Make the production rule forward to both groups, all traffic to the live one.
    PrepareRoutes,
    /// Make this task set the primary one.
    PromoteSide {
        /// Its id.
        side: String,
    },
    /// Delete this task set.
    RemoveSide {
        /// Its id.
        side: String,
    },
    /// Put automatic scaling back as it was, and take our note away.
    ResumeScaling,
    /// Send the production traffic that goes to a side without targets back to the side that serves.
    ReturnTraffic,
    /// Send this share of production traffic to this task set, the rest to the other one.
    Shift {
        /// Its id.
        side: String,
        /// Tenths of a percent, 0–1000.
        tenths: u32,
    },
    /// Send all test traffic to this task set.
    ShiftTest {
        /// Its id.
        side: String,
    },
    /// Note how automatic scaling is, then suspend it.
    SuspendScaling,
    /// Change the controller of the service.
    SwitchController,
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
            Self::ContinueRollout { .. } => "ContinueRollout",
            Self::CreateSide => "CreateSide",
            Self::PrepareRoutes => "PrepareRoutes",
            Self::PromoteSide { .. } => "PromoteSide",
            Self::RemoveSide { .. } => "RemoveSide",
            Self::ResumeScaling => "ResumeScaling",
            Self::ReturnTraffic => "ReturnTraffic",
            Self::Shift { .. } => "Shift",
            Self::ShiftTest { .. } => "ShiftTest",
            Self::SuspendScaling => "SuspendScaling",
            Self::SwitchController => "SwitchController",
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
            Self::Adjust
            | Self::ContinueRollout { .. }
            | Self::Create
            | Self::CreateSide
            | Self::PrepareRoutes
            | Self::PromoteSide { .. }
            | Self::RemoveSide { .. }
            | Self::ResumeScaling
            | Self::ReturnTraffic
            | Self::Shift { .. }
            | Self::ShiftTest { .. }
            | Self::StartRollout
            | Self::StopRollout { .. }
            | Self::SuspendScaling
            | Self::SwitchController => true,
            Self::Finish | Self::Wait => false,
        }
    }
}
