//! ECS reads that take several keys per call.

use std::collections::HashMap;

use aws_sdk_ecs::types::{Failure, ServiceField, TaskDefinitionField};
use switchyard_engine::ports::{
    CapacityProvider, ClusterStatus, ErrorKind, Result, Service, ServiceDeployment,
    ServiceRevision, TaskDefinition,
};

use super::super::{absent_is_none, failed};
use super::shown::{ShownRevisions, ShownServices};
use super::wire::Captured;
use crate::batch::Fetch;
use crate::call::{Call, Caller};
use crate::convert::{self, within};
use crate::throttle::Class;

const DESCRIBE_CLUSTERS: &str = "ecs:DescribeClusters";
const DESCRIBE_DEFINITION: &str = "ecs:DescribeTaskDefinition";
const DESCRIBE_DEPLOYMENTS: &str = "ecs:DescribeServiceDeployments";
const DESCRIBE_REVISIONS: &str = "ecs:DescribeServiceRevisions";
const DESCRIBE_SERVICES: &str = "ecs:DescribeServices";
const LIST_CLUSTERS: &str = "ecs:ListClusters";
const LIST_SERVICES: &str = "ecs:ListServices";

/// ECS reports absent objects as failures with reason `MISSING`; any other reason is an error.
pub(super) fn only_missing(operation: &'static str, failures: &[Failure]) -> Result<()> {
    let other = failures
        .iter()
        .find(|failure| failure.reason() != Some("MISSING"));
    other.map_or(Ok(()), |failure| {
        let target = failure.arn().unwrap_or("an object of the call");
        Err(failed(
            operation,
            target,
            failure.reason().unwrap_or("a failure"),
            failure.detail(),
        ))
    })
}

/// Services of one cluster.
pub(super) struct Described(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Described {
    /// Cluster name or ARN.
    type Lane = String;
    type Key = String;
    type Value = Service;
    /// DescribeServices takes 10 names.
    const LIMIT: usize = 10;

    async fn fetch(&self, cluster: &String, keys: &[String]) -> Result<HashMap<String, Service>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_SERVICES,
            target: &target,
            class: Some(Class::ServiceRead),
        };
        let client = self.0.connection.ecs(DESCRIBE_SERVICES, &target).await?;
        let captured = Captured::default();
        let request = client
            .describe_services()
            .cluster(cluster)
            .set_services(Some(keys.to_vec()))
            .include(ServiceField::Tags)
            .customize()
            .interceptor(captured.clone());
        let answer = self.0.read(call, request.send()).await?;
        only_missing(DESCRIBE_SERVICES, answer.failures())?;
        let shown = ShownServices::of(&captured);
        let services = answer.services().iter().map(|service| {
            let service = within(
                convert::services::service(service),
                DESCRIBE_SERVICES,
                &target,
            )?;
            let service = shown.complete(service, DESCRIBE_SERVICES, &target)?;
            // AWS takes names and ARNs alike, and answers with both.
            let key = keys
                .iter()
                .find(|key| **key == service.arn)
                .unwrap_or(&service.name)
                .clone();
            Ok((key, service))
        });
        let services: HashMap<String, Service> = services.collect::<Result<_>>()?;
        self.0.known.tell_services(services.values());
        Ok(services)
    }
}

/// ARNs of all clusters, a hundred a call.
pub(super) async fn list_clusters(caller: &Caller) -> Result<Vec<String>> {
    let call = Call {
        operation: LIST_CLUSTERS,
        target: "the clusters of the account",
        class: Some(Class::ClusterRead),
    };
    let client = caller.connection.ecs(LIST_CLUSTERS, call.target).await?;
    let mut arns = Vec::new();
    let mut next = None;
    loop {
        let request = client.list_clusters().max_results(100).set_next_token(next);
        let answer = caller.read(call, request.send()).await?;
        arns.extend(answer.cluster_arns.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(arns);
        }
    }
}

/// Names of up to a hundred services of a cluster, and the token of the next page.
pub(super) async fn list_services(
    caller: &Caller,
    cluster: &str,
    token: Option<String>,
) -> Result<(Vec<String>, Option<String>)> {
    let call = Call {
        operation: LIST_SERVICES,
        target: cluster,
        class: Some(Class::ServiceRead),
    };
    let client = caller.connection.ecs(LIST_SERVICES, cluster).await?;
    let request = client
        .list_services()
        .cluster(cluster)
        .max_results(100)
        .set_next_token(token);
    let answer = caller.read(call, request.send()).await?;
    let arns = answer.service_arns.unwrap_or_default();
    let names = arns.iter().filter_map(|arn| arn.rsplit('/').next());
    Ok((names.map(str::to_owned).collect(), answer.next_token))
}

/// Service deployments.
pub(super) struct Deployments(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Deployments {
    type Lane = ();
    type Key = String;
    type Value = ServiceDeployment;
    /// DescribeServiceDeployments takes 20 ARNs.
    const LIMIT: usize = 20;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ServiceDeployment>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_DEPLOYMENTS,
            target: &target,
            class: Some(Class::Deployment),
        };
        let client = self.0.connection.ecs(DESCRIBE_DEPLOYMENTS, &target).await?;
        let request = client
            .describe_service_deployments()
            .set_service_deployment_arns(Some(keys.to_vec()));
        let answer = match self.0.read(call, request.send()).await {
            // Its service or cluster is gone, and its history with it.
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => {
                return Ok(HashMap::new());
            }
            other => other?,
        };
        only_missing(DESCRIBE_DEPLOYMENTS, answer.failures())?;
        let deployments = answer.service_deployments().iter().map(|deployment| {
            let deployment = within(
                convert::deployments::service_deployment(deployment),
                DESCRIBE_DEPLOYMENTS,
                &target,
            )?;
            Ok((deployment.arn.clone(), deployment))
        });
        deployments.collect()
    }
}

/// Service revisions.
pub(super) struct Revisions(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Revisions {
    type Lane = ();
    type Key = String;
    type Value = ServiceRevision;
    /// DescribeServiceRevisions takes 20 ARNs.
    const LIMIT: usize = 20;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ServiceRevision>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_REVISIONS,
            target: &target,
            class: Some(Class::Revision),
        };
        let client = self.0.connection.ecs(DESCRIBE_REVISIONS, &target).await?;
        let captured = Captured::default();
        let request = client
            .describe_service_revisions()
            .set_service_revision_arns(Some(keys.to_vec()))
            .customize()
            .interceptor(captured.clone());
        let answer = match self.0.read(call, request.send()).await {
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => {
                return Ok(HashMap::new());
            }
            other => other?,
        };
        only_missing(DESCRIBE_REVISIONS, answer.failures())?;
        let shown = ShownRevisions::of(&captured);
        let revisions = answer.service_revisions().iter().map(|revision| {
            let revision = within(
                convert::deployments::service_revision(revision),
                DESCRIBE_REVISIONS,
                &target,
            )?;
            let revision = shown.complete(revision, DESCRIBE_REVISIONS, &target)?;
            Ok((revision.arn.clone(), revision))
        });
        revisions.collect()
    }
}

/// What a cluster says about its services.
#[derive(Clone, Debug)]
pub(super) struct ClusterFacts {
    pub(super) status: Option<ClusterStatus>,
    pub(super) default_strategy: Vec<CapacityProvider>,
}

/// Clusters, by name and by ARN.
pub(super) struct Clusters(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Clusters {
    type Lane = ();
    type Key = String;
    type Value = ClusterFacts;
    /// DescribeClusters takes 100 names.
    const LIMIT: usize = 100;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ClusterFacts>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_CLUSTERS,
            target: &target,
            class: Some(Class::ClusterRead),
        };
        let client = self.0.connection.ecs(DESCRIBE_CLUSTERS, &target).await?;
        let answer = self
            .0
            .read(
                call,
                client
                    .describe_clusters()
                    .set_clusters(Some(keys.to_vec()))
                    .send(),
            )
            .await?;
        only_missing(DESCRIBE_CLUSTERS, answer.failures())?;
        let mut found = HashMap::new();
        for cluster in answer.clusters() {
            let facts = ClusterFacts {
                status: cluster.status().map(ClusterStatus::parse),
                default_strategy: convert::services::strategy_items(
                    cluster.default_capacity_provider_strategy(),
                ),
            };
            let names = [cluster.cluster_arn(), cluster.cluster_name()];
            found.extend(
                names
                    .into_iter()
                    .flatten()
                    .map(|name| (name.to_owned(), facts.clone())),
            );
        }
        Ok(found)
    }
}

/// Task definitions by any name.
pub(super) struct Definitions(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Definitions {
    type Lane = ();
    type Key = String;
    type Value = TaskDefinition;
    /// DescribeTaskDefinition takes one.
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, TaskDefinition>> {
        let mut found = HashMap::new();
        for name in keys {
            let call = Call {
                operation: DESCRIBE_DEFINITION,
                target: name,
                class: Some(Class::TaskDefinitionRead),
            };
            let client = self.0.connection.ecs(DESCRIBE_DEFINITION, name).await?;
            let captured = Captured::default();
            let request = client
                .describe_task_definition()
                .task_definition(name)
                .include(TaskDefinitionField::Tags)
                .customize()
                .interceptor(captured.clone());
            let answer = self.0.read(call, request.send()).await;
            let Some(answer) = absent_is_none(answer)? else {
                continue;
            };
            if let Some(definition) = answer.task_definition() {
                let document = captured.member("taskDefinition");
                let definition =
                    convert::tasks::task_definition(definition, answer.tags(), document);
                let definition = within(definition, DESCRIBE_DEFINITION, name)?;
                found.insert(name.clone(), definition);
            }
        }
        Ok(found)
    }
}
