//! Amazon ECS.

mod ahead;
mod capacity;
mod definitions;
mod reads;
mod shown;
mod task_sets;
mod wire;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_ecs::config::Builder as Override;
use aws_sdk_ecs::types::DesiredStatus;
use aws_smithy_types::error::operation::BuildError;
use serde_json::Value;
use switchyard_engine::ports::{
    CapacityProvider, ContinueAction, Controller, Error, ErrorKind, FreeCapacity, NewService,
    NewTaskSet, Ports, Result, Service, ServiceChange, ServiceDeployment, ServiceRef,
    ServiceRevision, Services, StopType, StoppedTask, TaskDefinition, TaskSet, cluster_name,
};

use self::ahead::ReadAhead;
use self::reads::{Clusters, Definitions, Deployments, Described, Revisions};
use self::shown::ShownServices;
use self::wire::{Captured, With};
use crate::batch::Batcher;
use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert::services as to;
use crate::convert::{self, to_count, within};
use crate::failed::{incomplete, unbuildable};
use crate::known::Kind;
use crate::throttle::Class;

const CONTINUE: &str = "ecs:ContinueServiceDeployment";
const CREATE: &str = "ecs:CreateService";
const DELETE: &str = "ecs:DeleteService";
/// No call: finding the region takes the same way as one.
const DESCRIBE_REGION: &str = "ecs:DescribeClusters";
const DESCRIBE_TASKS: &str = "ecs:DescribeTasks";
const LIST_DEPLOYMENTS: &str = "ecs:ListServiceDeployments";
const LIST_TASKS: &str = "ecs:ListTasks";
const STOP_DEPLOYMENT: &str = "ecs:StopServiceDeployment";
const TAG: &str = "ecs:TagResource";
const UNTAG: &str = "ecs:UntagResource";
const UPDATE: &str = "ecs:UpdateService";

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

    async fn set_tags(&self, arn: &str, set: &BTreeMap<String, String>) -> Result<()> {
        let call = Call {
            operation: TAG,
            target: arn,
            class: Some(Class::TagsWrite),
        };
        let client = self.client(TAG, arn).await?;
        let request = client
            .tag_resource()
            .resource_arn(arn)
            .set_tags(Some(to::to_tags(set)));
        self.caller.write(call, request.send()).await?;
        Ok(())
    }

    async fn remove_tags(&self, arn: &str, remove: &BTreeSet<String>) -> Result<()> {
        let call = Call {
            operation: UNTAG,
            target: arn,
            class: Some(Class::TagsWrite),
        };
        let client = self.client(UNTAG, arn).await?;
        let keys = remove.iter().cloned().collect();
        self.caller
            .write(
                call,
                client
                    .untag_resource()
                    .resource_arn(arn)
                    .set_tag_keys(Some(keys))
                    .send(),
            )
            .await?;
        Ok(())
    }

    /// ARNs of the service's stopped tasks, one page: that is all anybody reads.
    async fn list_stopped(&self, service: &ServiceRef) -> Result<Vec<String>> {
        let call = Call {
            operation: LIST_TASKS,
            target: &service.name,
            class: Some(Class::TaskRead),
        };
        let client = self.client(LIST_TASKS, &service.name).await?;
        let request = client
            .list_tasks()
            .cluster(&service.cluster)
            .service_name(&service.name)
            .desired_status(DesiredStatus::Stopped)
            .max_results(100);
        Ok(self
            .caller
            .read(call, request.send())
            .await?
            .task_arns
            .unwrap_or_default())
    }
}

impl std::fmt::Debug for EcsServices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EcsServices").finish_non_exhaustive()
    }
}

/// Whether AWS may start a rollout because of it. With force it always does; without, it compares with
/// the service as it is by then, which nobody documents field by field.
fn starts_rollout(change: &ServiceChange) -> bool {
    change.force_new_deployment
        || change.controller.is_some()
        || change.task_definition.is_some()
        || change.launch.is_some()
        || change.platform_version.is_some()
        || change.network.is_some()
        || change.load_balancers.is_some()
        || change.parts.keys().any(|part| part.is_of_revision())
}

/// A deployment that is listed cannot be described: it is too young, or its service is just going away.
fn not_readable_yet(arn: &str) -> Error {
    Error {
        operation: LIST_DEPLOYMENTS,
        target: arn.to_owned(),
        kind: ErrorKind::Unavailable,
        code: "MISSING".to_owned(),
        message: "ECS lists the deployment but does not describe it yet".to_owned(),
        request_id: None,
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
        let name = new.service.name.as_str();
        let call = Call {
            operation: CREATE,
            target: name,
            class: Some(Class::ServiceModify),
        };
        let bug = |error: BuildError| unbuildable(CREATE, name, &error);
        let client = self.client(CREATE, name).await?;
        let configuration = new
            .deployment_configuration
            .as_ref()
            .map(to::to_deployment_configuration);
        let mut configuration = configuration.transpose().map_err(bug)?;
        if let (Some(configuration), false) =
            (&mut configuration, new.controller == Controller::Ecs)
        {
            // Only ECS's own controller has strategies and hooks; the others refuse the words.
            configuration.strategy = None;
            configuration.lifecycle_hooks = None;
        }
        let captured = Captured::default();
        let request = client
            .create_service()
            .cluster(&new.service.cluster)
            .service_name(name)
            .client_token(&new.client_token)
            .deployment_controller(to::to_controller(&new.controller).map_err(bug)?)
            .set_task_definition(new.task_definition.clone())
            .set_desired_count((!new.is_daemon()).then(|| to_count(new.desired)))
            .set_launch_type(to::to_launch_type(new.launch.as_ref()))
            .set_capacity_provider_strategy(
                to::to_strategy_items(new.launch.as_ref()).map_err(bug)?,
            )
            .set_platform_version(new.platform_version.clone())
            .set_network_configuration(
                new.network
                    .as_ref()
                    .map(to::to_network)
                    .transpose()
                    .map_err(bug)?,
            )
            .set_load_balancers(
                (!new.load_balancers.is_empty())
                    .then(|| to::to_load_balancers(&new.load_balancers)),
            )
            .set_deployment_configuration(configuration)
            .set_health_check_grace_period_seconds(new.health_check_grace_seconds.map(to_count))
            .enable_execute_command(new.enable_execute_command)
            .enable_ecs_managed_tags(new.enable_managed_tags)
            .propagate_tags(to::to_propagate_tags(&new.propagate_tags))
            .set_tags((!new.tags.is_empty()).then(|| to::to_tags(&new.tags)))
            .customize()
            .interceptor(With::parts(&new.parts))
            .interceptor(captured.clone());
        let answer = self.caller.write(call, request.send()).await?;
        let service = answer
            .service
            .ok_or_else(|| incomplete(CREATE, name, "service"))?;
        let service = within(to::service(&service), CREATE, name)?;
        ShownServices::of(&captured).complete(service, CREATE, name)
    }

    async fn update_service(
        &self,
        service: &ServiceRef,
        change: &ServiceChange,
    ) -> Result<Service> {
        let name = service.name.as_str();
        let call = Call {
            operation: UPDATE,
            target: name,
            class: Some(Class::ServiceModify),
        };
        let bug = |error: BuildError| unbuildable(UPDATE, name, &error);
        let client = self.client(UPDATE, name).await?;
        let configuration = change
            .deployment_configuration
            .as_ref()
            .map(to::to_deployment_configuration);
        let mut configuration = configuration.transpose().map_err(bug)?;
        let mut unsaid = to::Unsaid::of(change.deployment_configuration.as_ref());
        if let (Some(configuration), true) = (&mut configuration, change.percentages_only) {
            configuration.strategy = None;
            configuration.lifecycle_hooks = None;
            unsaid = to::Unsaid::default();
        }
        let controller = change.controller.as_ref().map(to::to_controller);
        let captured = Captured::default();
        let request = client
            .update_service()
            .cluster(&service.cluster)
            .service(name)
            .set_task_definition(change.task_definition.clone())
            .set_desired_count(change.desired.map(to_count))
            .set_deployment_controller(controller.transpose().map_err(bug)?)
            .set_capacity_provider_strategy(
                to::to_changed_strategy(change.launch.as_ref()).map_err(bug)?,
            )
            .set_platform_version(change.platform_version.clone())
            .set_network_configuration(
                change
                    .network
                    .as_ref()
                    .map(to::to_network)
                    .transpose()
                    .map_err(bug)?,
            )
            .set_load_balancers(change.load_balancers.as_deref().map(to::to_load_balancers))
            .set_deployment_configuration(configuration)
            .set_health_check_grace_period_seconds(change.health_check_grace_seconds.map(to_count))
            .set_enable_execute_command(change.enable_execute_command)
            .set_enable_ecs_managed_tags(change.enable_managed_tags)
            .set_propagate_tags(change.propagate_tags.as_ref().map(to::to_propagate_tags))
            .set_force_new_deployment(change.force_new_deployment.then_some(true))
            .customize()
            .interceptor(With::parts(&change.parts).hooks(unsaid))
            .interceptor(captured.clone());
        // A change that starts a rollout may start one each time it is received.
        let answer = if starts_rollout(change) {
            let once = Override::new().retry_classifier(NeverRepeatUnanswered);
            self.caller
                .write(call, request.config_override(once).send())
                .await?
        } else {
            self.caller.write(call, request.send()).await?
        };
        let updated = answer
            .service
            .ok_or_else(|| incomplete(UPDATE, name, "service"))?;
        let updated = within(to::service(&updated), UPDATE, name)?;
        ShownServices::of(&captured).complete(updated, UPDATE, name)
    }

    async fn delete_service(&self, service: &ServiceRef) -> Result<()> {
        let call = Call {
            operation: DELETE,
            target: &service.name,
            class: Some(Class::ServiceModify),
        };
        let client = self.client(DELETE, &service.name).await?;
        let request = client
            .delete_service()
            .cluster(&service.cluster)
            .service(&service.name)
            .force(true);
        match self.caller.write(call, request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        let mut changed = Ok(());
        if !set.is_empty() {
            changed = self.set_tags(arn, set).await;
        }
        if changed.is_ok() && !remove.is_empty() {
            changed = self.remove_tags(arn, remove).await;
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
        let call = Call {
            operation: LIST_DEPLOYMENTS,
            target: &service.name,
            class: Some(Class::Deployment),
        };
        let client = self.client(LIST_DEPLOYMENTS, &service.name).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut briefs = Vec::new();
        let mut next = None;
        loop {
            let request = client
                .list_service_deployments()
                .cluster(&service.cluster)
                .service(&service.name)
                .max_results(100)
                .set_next_token(next);
            let answer = self.caller.read(call, request.send()).await?;
            briefs.extend(answer.service_deployments.unwrap_or_default());
            next = answer.next_token;
            // AWS does not promise an order; the rest is read unless this is newest first.
            let newest_first = briefs.is_sorted_by_key(|brief| Reverse(brief.created_at));
            if next.is_none() || briefs.len() >= limit && newest_first {
                break;
            }
        }
        briefs.sort_by_key(|brief| Reverse(brief.created_at));
        let arns = briefs
            .into_iter()
            .filter_map(|brief| brief.service_deployment_arn)
            .take(limit);
        let arns = arns.collect::<Vec<_>>();
        let found = self.deployments.read_all(&(), &arns).await?;
        // Leaving it out would show an older one as the newest.
        let hidden = arns
            .iter()
            .find(|arn| found.iter().all(|shown| shown.arn != **arn));
        match hidden {
            None => Ok(found),
            Some(arn) => Err(not_readable_yet(arn)),
        }
    }

    async fn find_revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>> {
        self.revisions.read_all(&(), arns).await
    }

    async fn stop_deployment(&self, arn: &str, stop: StopType) -> Result<()> {
        let call = Call {
            operation: STOP_DEPLOYMENT,
            target: arn,
            class: Some(Class::Deployment),
        };
        let client = self.client(STOP_DEPLOYMENT, arn).await?;
        let request = client
            .stop_service_deployment()
            .service_deployment_arn(arn)
            .stop_type(convert::deployments::to_stop_type(stop));
        self.caller.write(call, request.send()).await?;
        Ok(())
    }

    async fn stopped_tasks(&self, service: &ServiceRef) -> Result<Vec<StoppedTask>> {
        let arns = self.list_stopped(service).await?;
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let call = Call {
            operation: DESCRIBE_TASKS,
            target: &service.name,
            class: Some(Class::TaskRead),
        };
        let client = self.client(DESCRIBE_TASKS, &service.name).await?;
        let request = client
            .describe_tasks()
            .cluster(&service.cluster)
            .set_tasks(Some(arns));
        let answer = self.caller.read(call, request.send()).await?;
        let tasks = answer
            .tasks()
            .iter()
            .map(convert::tasks::stopped_task)
            .collect::<convert::Converted<Vec<_>>>();
        let mut tasks = within(tasks, DESCRIBE_TASKS, &service.name)?;
        tasks.sort_by_key(|task| Reverse(task.stopped_at));
        Ok(tasks)
    }

    async fn continue_deployment(
        &self,
        arn: &str,
        hook: &str,
        action: ContinueAction,
    ) -> Result<()> {
        let call = Call {
            operation: CONTINUE,
            target: arn,
            class: Some(Class::Deployment),
        };
        let client = self.client(CONTINUE, arn).await?;
        let once = Override::new().retry_classifier(NeverRepeatUnanswered);
        let request = client
            .continue_service_deployment()
            .service_deployment_arn(arn)
            .hook_id(hook)
            .action(convert::deployments::to_action(action))
            .customize()
            .config_override(once);
        self.caller.write(call, request.send()).await?;
        Ok(())
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
                    Ok(Some(definition)) if !definition.is_active => Ok(()),
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
            .is_some_and(|found| found.is_active))
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
