//! How a request travels: by which rule, to which group, to which target, and what the container answers.
//!
//! [`World::send`] walks that way without a socket. Who has sockets of his own (the lab) uses the parts and reports with
//! [`World::record_request`] what came of each request, so that load balancers have metrics.
//!
//! [`World::send`]: crate::World::send
//! [`World::record_request`]: crate::World::record_request

mod choose;
mod conditions;
mod request;
mod send;

use std::time::Duration;

pub use choose::{spread, weighted};
pub use conditions::action;
pub use request::Request;
pub(crate) use send::{Counters, answer};
pub use send::{container_at, is_health_check, redirect, reply_body, target};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: String,
    /// How long it took.
    pub latency: Duration,
    /// ARN of the target group a load balancer chose.
    pub target_group: Option<String>,
    /// ARN of the task definition that answered.
    pub task_definition: Option<String>,
    /// Where a redirect leads.
    pub location: Option<String>,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// No load balancer has this name and no running task this address.
    #[error("nothing in this network is called {0}")]
    UnknownHost(String),
    /// The host is there and does not listen on that port.
    #[error("connection refused by {0}:{1}")]
    Refused(String, u16),
    /// The container took the request and closed the connection.
    #[error("the connection was closed before an answer came")]
    Closed,
}

/// What came of a request that a load balancer took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A target answered.
    Answered {
        /// Target group ARN.
        target_group: String,
        /// The target's status code.
        status: u16,
        /// From handing it on to the answer.
        latency: Duration,
    },
    /// A target was chosen and gave no answer: 502.
    Failed {
        /// Target group ARN.
        target_group: String,
    },
    /// There was no target to choose: 503.
    NoTarget,
}
