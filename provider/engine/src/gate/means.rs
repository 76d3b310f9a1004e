//! What gates are evaluated with, and what is known about the sides.

use std::collections::BTreeSet;

use async_trait::async_trait;

use crate::desired::DesiredRevision;
use crate::failure::last_lines;
use crate::ports::{
    Clock, Functions, Metrics, Ports, Probes, Result, Routing, Service, ServiceRef,
    StandaloneTasks, TaskDefinition,
};

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
    /// Task definition of the new revision.
    pub(crate) task_definition: Option<String>,
    /// The deployment, or the task set, that is under way.
    pub(crate) deployment: Option<String>,
    /// Pairs besides, as far as gates name them.
    pub(crate) pairs: Vec<PairFacts>,
}

/// What is known about a pair besides the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PairFacts {
    /// Its target groups, or the only one.
    pub(crate) groups: BTreeSet<String>,
    /// Target group of the new side.
    pub(crate) new: Option<String>,
    /// Target group of the old side.
    pub(crate) old: Option<String>,
    /// Load balancer.
    pub(crate) load_balancer: Option<String>,
    /// Test listener rule or test listener.
    pub(crate) test_route: Option<String>,
}

impl SideFacts {
    /// What a gate needs that is about the pair of this target group.
    pub(super) fn of_pair(&self, target_group: Option<&str>) -> Self {
        let mut pairs = self.pairs.iter();
        let pair = target_group.and_then(|group| pairs.find(|pair| pair.groups.contains(group)));
        let Some(pair) = pair else {
            return self.clone();
        };
        Self {
            new_target_group: pair.new.clone(),
            old_target_group: pair.old.clone(),
            load_balancer: pair.load_balancer.clone(),
            test_route: pair.test_route.clone(),
            ..self.clone()
        }
    }
}

/// What gates are evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub(super) routing: &'a dyn Routing,
    pub(super) metrics: &'a dyn Metrics,
    pub(super) probes: &'a dyn Probes,
    pub(super) functions: &'a dyn Functions,
    pub(super) tasks: &'a dyn StandaloneTasks,
    pub(super) lookups: &'a dyn Lookups,
    pub(super) clock: &'a dyn Clock,
    /// What tasks of the new revision look like.
    pub(super) revision: Option<&'a DesiredRevision>,
}

impl<'a> Means<'a> {
    pub(super) fn new(ports: &'a Ports, revision: Option<&'a DesiredRevision>) -> Self {
        Self {
            routing: &*ports.routing,
            metrics: &*ports.metrics,
            probes: &*ports.probes,
            functions: &*ports.functions,
            tasks: &*ports.standalone_tasks,
            lookups: ports,
            clock: &*ports.clock,
            revision,
        }
    }
}

/// The few things that gates look up in services, definitions and logs.
#[async_trait]
pub(super) trait Lookups: Send + Sync {
    /// A service.
    async fn service(&self, service: &ServiceRef) -> Result<Option<Service>>;
    /// A task definition.
    async fn definition(&self, name: &str) -> Result<Option<TaskDefinition>>;
    /// The last log lines of a container of a task; none when they cannot be read.
    async fn log_lines(
        &self,
        definition: &TaskDefinition,
        task: &str,
        container: &str,
        limit: u32,
    ) -> Vec<String>;
}

#[async_trait]
impl Lookups for Ports {
    async fn service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        self.services.find_service(service).await
    }

    async fn definition(&self, name: &str) -> Result<Option<TaskDefinition>> {
        self.services.find_task_definition(name).await
    }

    async fn log_lines(
        &self,
        definition: &TaskDefinition,
        task: &str,
        container: &str,
        limit: u32,
    ) -> Vec<String> {
        last_lines(self, definition, task, container, limit).await
    }
}
