//! A service.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::deployment::ServiceDeployment;
use super::pool::Pool;
use super::revision::Revision;
use super::settings::Settings;
use crate::input::Input;
use crate::state::State as World;
use crate::time::Timestamp;

/// Where a service is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

impl ServiceStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

/// A service with everything that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) cluster_arn: String,
    pub(super) status: ServiceStatus,
    pub(super) created: Timestamp,
    pub(super) desired: u32,
    pub(super) settings: Settings,
    /// Oldest first.
    pub(super) revisions: Vec<Revision>,
    /// The primary first.
    pub(super) pools: Vec<Pool>,
    /// Oldest first; at most the last one is under way, older ones may be stopping.
    pub(super) deployments: Vec<ServiceDeployment>,
    /// Tasks that were told to stop and are not gone yet.
    pub(super) leaving: Vec<String>,
    /// Newest first, at most a hundred.
    pub(super) events: VecDeque<Value>,
    /// Whether the last thing said was that the service is steady.
    pub(super) said_steady: bool,
    /// The call that created it, if it had a client token.
    pub(super) request: Option<Map<String, Value>>,
}

/// The ARN of a service by name, in the cluster with this ARN.
pub(super) fn arn_of(state: &World, cluster_arn: &str, name: &str) -> String {
    let cluster = cluster_arn.rsplit('/').next().unwrap_or(cluster_arn);
    let name = name.rsplit('/').next().unwrap_or(name);
    state.arn("ecs", &format!("service/{cluster}/{name}"))
}

impl Service {
    pub(super) fn is_active(&self) -> bool {
        self.status == ServiceStatus::Active
    }

    /// Whether this call, client token and all, is the one that created it.
    pub(super) fn was_asked_for(&self, input: &Input) -> bool {
        self.request.as_ref() == Some(input.members())
    }

    /// Whether nothing of it is left but its memory.
    pub(super) fn is_gone(&self) -> bool {
        self.status == ServiceStatus::Inactive
    }

    /// Its cluster's name.
    pub(super) fn cluster_name(&self) -> &str {
        self.cluster_arn
            .rsplit('/')
            .next()
            .unwrap_or(&self.cluster_arn)
    }

    pub(super) fn pool(&self, id: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.id == id)
    }

    pub(super) fn pool_mut(&mut self, id: &str) -> Option<&mut Pool> {
        self.pools.iter_mut().find(|pool| pool.id == id)
    }

    pub(super) fn revision(&self, arn: &str) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.arn == arn)
    }

    /// Whether a deployment is under way.
    pub(super) fn is_rolling_out(&self) -> bool {
        self.deployments
            .iter()
            .any(|deployment| !deployment.status.is_final())
    }

    /// Makes a pool the primary: the first in the list.
    pub(super) fn promote(&mut self, id: &str) {
        if let Some(position) = self.pools.iter().position(|pool| pool.id == id) {
            let pool = self.pools.remove(position);
            self.pools.insert(0, pool);
        }
    }
}
