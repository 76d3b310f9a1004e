//! What gates are evaluated with, and what is known about the sides.

use crate::ports::{Clock, Metrics, Probes, Routing};

/// What is known about the two sides and the way to them. ARNs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SideFacts {
    /// Target group of the new side.
    pub(crate) new_target_group: Option<String>,
    /// Target group of the old side.
    pub(crate) old_target_group: Option<String>,
    /// Load balancer.
    pub(crate) load_balancer: Option<String>,
    /// Test listener rule or test listener.
    pub(crate) test_route: Option<String>,
}

/// What gates are evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) routing: &'a dyn Routing,
    pub(super) metrics: &'a dyn Metrics,
    pub(super) probes: &'a dyn Probes,
    pub(super) clock: &'a dyn Clock,
}
