//! Gates: what has to be true of the new revision before a rollout goes on.

mod config;

/// What gates need to know about the two sides of a rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideFacts {
    /// Target group of the new revision.
    pub(crate) new_target_group: Option<String>,
    /// Target group of the old revision.
    pub(crate) old_target_group: Option<String>,
    /// ARN of the load balancer in front of them.
    pub(crate) load_balancer: Option<String>,
    /// Test listener rule or listener.
    pub(crate) test_route: Option<String>,
}

pub use config::{
    Area, Check, Condition, Expectation, Gate, GateClass, Gates, HttpCheck, Inconclusive,
    MetricCheck, MissingData, Operator, ProbeTarget, SideQuery, SideSource, When,
};
