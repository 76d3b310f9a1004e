//! What the checks of one subject look at: values only.

use std::collections::BTreeSet;

use jiff::Timestamp;
use switchyard_engine::ports::{Opening, SubnetFacts};

/// What of the network was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct NetworkSeen {
    /// Subnets of the tasks.
    pub(super) subnets: Vec<SubnetFacts>,
    /// Tasks have a public address.
    pub(super) public_ip: bool,
    /// Names of services that the VPC has endpoints for.
    pub(super) endpoints: BTreeSet<String>,
    /// What the security groups of the tasks let in.
    pub(super) openings: Vec<Opening>,
    /// Their ids.
    pub(super) groups: BTreeSet<String>,
    /// Security groups of the load balancers.
    pub(super) balancer_groups: BTreeSet<String>,
    /// Ports on which tasks are reached.
    pub(super) ports: BTreeSet<u32>,
    /// Whether all images are in ECR.
    pub(super) is_ecr: bool,
}

/// Lines that differ in nothing but numbers and ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// What they have in common.
    pub(super) shape: String,
    /// The newest of them, as it may be shown.
    pub(super) example: String,
    pub(super) count: usize,
    pub(super) last_at: Timestamp,
}

/// What load balancers counted in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Hour {
    pub(super) requests: f64,
    /// Responses with 5xx.
    pub(super) errors: f64,
    /// Median of the 95th percentiles of its periods, in seconds.
    pub(super) latency: Option<f64>,
}

/// The last hour, and the same hour of each day before that had traffic.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Hours {
    pub(super) now: Hour,
    pub(super) before: Vec<Hour>,
}

/// Percent of what the tasks have reserved, in the last hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Mean of all tasks.
    pub(super) cpu_mean: Option<f64>,
    /// The fullest task at the fullest moment.
    pub(super) memory_most: Option<f64>,
}
