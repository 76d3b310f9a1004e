//! Amazon ECS.

mod ahead;
mod capacity;
mod change;
mod definitions;
mod deployments;
mod reads;
mod shown;
mod stopped;
mod tags;
mod task_sets;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use switchyard_engine::ports::{
    CapacityProvider, ClusterStatus, ContinueAction, ErrorKind, FreeCapacity, NewService,
    NewTaskSet, Ports, Result, Service, ServiceChange, ServiceDeployment, ServiceRef,
    ServiceRevision, Services, StopType, StoppedTask, TaskDefinition, TaskSet, cluster_name,
};

use self::ahead::ReadAhead;
use self::reads::{Clusters, Definitions, Deployments, Described, Revisions};
use crate::batch::Batcher;
use crate::call::Caller;
use crate::known::Kind;

/// No call: finding the region takes the same way as one.
const DESCRIBE_REGION: &str = "ecs:DescribeClusters";

/// [`Services`] over Amazon ECS.
pub(crate) struct EcsServices {
    caller: Caller,
    services: Batcher<Described>,
    ahead: ReadAhead,
    deployments: Batcher<Deployments>,
    revisions: Batcher<Revisions>,
    clusters: Batcher<Clusters>,
    definitions: Batcher<Definitions>,
    /// By full ARN. A revision changes only when its tags do or when it is deregistered, so it is read once
    /// per process unless this process does one of both.
    known_definitions: Mutex<BTreeMap<String, TaskDefinition>>,
}

impl EcsServices {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (|| caller.clock.clone(), || caller.writes.clone());
        let services = Batcher::new(Described(caller.clone()), clock(), writes());
        let revisions = Batcher::new(Revisions(caller.clone()), clock(), writes());
        caller.known.on(Kind::ServiceRevision, revisions.taker(()));
        Self {
            caller: caller.clone(),
            ahead: ReadAhead::new(caller, &services),
            services,
            deployments: Batcher::new(Deployments(caller.clone()), clock(), writes()),
            revisions,
            clusters: Batcher::new(Clusters(caller.clone()), clock(), writes()),
            definitions: Batcher::new(Definitions(caller.clone()), clock(), writes()),
            known_definitions: Mutex::new(BTreeMap::new()),
        }
    }

    async fn client(&self, operation: &'static str, target: &str) -> Result<aws_sdk_ecs::Client> {
        self.caller.connection.ecs(operation, target).await
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, TaskDefinition>> {
        self.known_definitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn forget_definition(&self, arn: &str) {
        self.known().remove(arn);
    }
}

impl std::fmt::Debug for EcsServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EcsServices").finish_non_exhaustive()
    }
}

/// The names under which a task definition was found are full ARNs with a revision.
fn is_full_arn(name: &str) -> bool {
    name.starts_with("arn:")
        && name
            .rsplit_once(':')
            .is_some_and(|(_, revision)| revision.bytes().all(|byte| byte.is_ascii_digit()))
}

#[async_trait::async_trait]
impl Services for EcsServices {
    fn apply_begins(&self) {
        self.caller.writes.apply_begins();
    }

    async fn find_service(&self, service: &ServiceRef) -> Result<Option<Service>> {
        // Asked for under the cluster's name, however it is spelled: all of its services are read together.
        let lane = service.cluster_name().to_owned();
        let name = &service.name;
        self.ahead.asked(&lane).await;
        let found = self.services.read(&lane, name, name).await?;
        let is_confirmed = |found: &Service| found.cluster_arn == service.cluster;
        if !service.cluster.starts_with("arn:") || found.as_ref().is_some_and(is_confirmed) {
            return Ok(found);
        }
        // The ARN may be that of a cluster in another account or region, which is not for us to guess.
        self.services.read(&service.cluster, name, name).await
    }

    async fn region(&self) -> Option<String> {
        // What is missing or wrong is said by the first call.
        let client = self.client(DESCRIBE_REGION, "the provider").await.ok()?;
        client.config().region().map(ToString::to_string)
    }

    fn elsewhere(&self, home: &Ports, region: &str) -> Option<Ports> {
        let caller = Caller::new(
            self.caller.connection.elsewhere(region),
            Arc::clone(&home.clock),
        );
        Some(Ports {
            snapshots: Arc::clone(&home.snapshots),
            progress: Arc::clone(&home.progress),
            ..super::ports(caller, Arc::clone(&home.probes))
        })
    }

    async fn list_clusters(&self) -> Result<Vec<String>> {
        reads::list_clusters(&self.caller).await
    }

    async fn list_services(&self, cluster: &str) -> Result<Vec<Service>> {
        let mut names = Vec::new();
        let mut next = None;
        loop {
            let (page, token) = reads::list_services(&self.caller, cluster, next).await?;
            names.extend(page);
            next = token;
            if next.is_none() {
                break;
            }
        }
        let lane = cluster_name(cluster).to_owned();
        self.services.read_all(&lane, &names).await
    }

    async fn create_service(&self, new: &NewService) -> Result<Service> {
        change::create(&self.caller, new).await
    }

    async fn update_service(
        &self,
        service: &ServiceRef,
        change: &ServiceChange,
    ) -> Result<Service> {
        change::update(&self.caller, service, change).await
    }

    async fn delete_service(&self, service: &ServiceRef) -> Result<()> {
        change::delete(&self.caller, service).await
    }

    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        let mut changed = Ok(());
        if !set.is_empty() {
            changed = tags::set(&self.caller, arn, set).await;
        }
        if changed.is_ok() && !remove.is_empty() {
            changed = tags::remove(&self.caller, arn, remove).await;
        }
        self.forget_definition(arn);
        changed
    }

    async fn find_task_definition(&self, name: &str) -> Result<Option<TaskDefinition>> {
        if is_full_arn(name) {
            let known = self.known().get(name).cloned();
            if known.is_some() {
                return Ok(known);
            }
        }
        let found = self.definitions.read(&(), &name.to_owned(), name).await?;
        if let Some(definition) = &found {
            self.known()
                .insert(definition.arn.clone(), definition.clone());
        }
        Ok(found)
    }

    async fn find_deployment(&self, arn: &str) -> Result<Option<ServiceDeployment>> {
        self.deployments.read(&(), &arn.to_owned(), arn).await
    }

    async fn list_deployments(
        &self,
        service: &ServiceRef,
        limit: u32,
    ) -> Result<Vec<ServiceDeployment>> {
        let arns = deployments::newest(&self.caller, service, limit).await?;
        let found = self.deployments.read_all(&(), &arns).await?;
        deployments::all_shown(&arns, found)
    }

    async fn find_revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>> {
        self.revisions.read_all(&(), arns).await
    }

    async fn stop_deployment(&self, arn: &str, stop: StopType) -> Result<()> {
        deployments::stop(&self.caller, arn, stop).await
    }

    async fn stopped_tasks(&self, service: &ServiceRef) -> Result<Vec<StoppedTask>> {
        stopped::tasks(&self.caller, service).await
    }

    async fn continue_deployment(
        &self,
        arn: &str,
        hook: &str,
        action: ContinueAction,
    ) -> Result<()> {
        deployments::go_on(&self.caller, arn, hook, action).await
    }

    async fn create_task_set(&self, new: &NewTaskSet) -> Result<TaskSet> {
        task_sets::create(&self.caller, new).await
    }

    async fn promote_task_set(&self, service: &ServiceRef, id: &str) -> Result<()> {
        task_sets::promote(&self.caller, service, id).await
    }

    async fn delete_task_set(&self, service: &ServiceRef, id: &str, force: bool) -> Result<()> {
        task_sets::delete(&self.caller, service, id, force).await
    }

    async fn register_task_definition(
        &self,
        document: &Value,
        tags: &BTreeMap<String, String>,
    ) -> Result<TaskDefinition> {
        definitions::register(&self.caller, document, tags).await
    }

    async fn list_task_definitions(&self, family: &str) -> Result<Vec<String>> {
        definitions::list(&self.caller, family).await
    }

    async fn deregister_task_definition(&self, arn: &str) -> Result<()> {
        let done = definitions::deregister(&self.caller, arn).await;
        self.forget_definition(arn);
        match done {
            // ECS refuses to deregister what is not active any more; the wording is its own.
            Err(error) if error.kind == ErrorKind::Rejected => {
                match self.find_task_definition(arn).await {
                    Ok(Some(definition)) if !definition.is_active() => Ok(()),
                    Ok(_) | Err(_) => Err(error),
                }
            }
            done => done,
        }
    }

    async fn free_capacity(&self, cluster: &str) -> Result<Vec<FreeCapacity>> {
        capacity::free(&self.caller, cluster).await
    }

    async fn cluster_is_active(&self, cluster: &str) -> Result<bool> {
        Ok(self
            .clusters
            .read(&(), &cluster.to_owned(), cluster)
            .await?
            .is_some_and(|found| found.status == Some(ClusterStatus::Active)))
    }

    async fn default_strategy(&self, cluster: &str) -> Result<Vec<CapacityProvider>> {
        let key = cluster.to_owned();
        let found = self.clusters.read(&(), &key, cluster).await?;
        Ok(found
            .map(|found| found.default_strategy)
            .unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::is_full_arn;

    #[test]
    fn only_an_arn_with_a_revision_names_something_that_never_changes() {
        assert!(is_full_arn(
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
        ));
        assert!(!is_full_arn(
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web"
        ));
        assert!(!is_full_arn("web:7"));
    }
}
