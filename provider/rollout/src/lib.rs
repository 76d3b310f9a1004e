//! What to do next in a deployment: a pure, total decision function.
//!
//! [`decide`] takes what is wanted, what is waited for and what was just seen, and answers what is
//! waited for next, the one effect to perform now, and why. [`recover`] finds the phase a run was in
//! from an observation alone, so that a run that was killed is picked up where it stood.
//!
//! **Invariants.** No I/O, no clock (time is part of the observation), no logging (the [`Reason`] is
//! the log). The same observation seen twice never causes a second effect. Every phase ends: at the
//! latest when the deadline, or the allowance for a rollback, has passed. While the new side is the only
//! healthy one nothing is sent back. No rollout starts before automatic scaling is as it is wanted
//! meanwhile (unless AWS refuses), and no run ends before an attempt to put it back.

#![warn(missing_docs)]
#![deny(clippy::wildcard_enum_match_arm)]

pub mod alias;
mod decide;
mod effect;
mod observed;
mod outcome;
mod phase;
mod reason;
mod spec;
pub mod weights;
mod words;

pub use decide::{
    Decision, PATIENCE_SECONDS, ROLLBACK_ALLOWANCE_SECONDS, decide, hopeless_after, recover,
};
pub use effect::{Effect, RolloutStep, ScalingEffect, SideStep};
pub use observed::{
    Active, Answer, BegunBy, ControllerSeen, Deployment, Differences, GateSeen, Heading, Hopeless,
    Mark, MomentVerdict, Observed, Paused, ScalingSeen, Seen, Side, Sides, Stage, Status, Tasks,
    TestRoute,
};
pub use outcome::{Cause, Obstacle, Outcome};
pub use phase::{
    Adjusting, Ahead, Asked, Asking, Clearing, Creating, CreatingSide, Draining, Following, Gating,
    Holding, Missing, Next, Phase, Promoting, Resuming, Returning, Shifting, SidePhase, Starting,
    StartingSide, Suspending, Switch, Switching, TakingBack, Testing, Undoing, Watching,
};
pub use reason::Reason;
pub use spec::{
    Engine, Gated, Hold, Intent, Moment, OnCancel, OnForeign, Pauses, ScalingDuring, Spec,
};
pub use words::{CodeDeployStatus, EcsStatus, LifecycleStage, TaskSetStatus};
