//! Clusters, services and task sets.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::ClusterField;
use switchyard_engine::ports::{
    Controller, LiveObject, LoadBalancer, ObjectKind, Result, Service, Services as _, cluster_name,
};

use super::super::services::EcsServices;
use super::{Tags, tags_of};
use crate::call::{Call, Caller};
use crate::throttle::Class;

const DESCRIBE_CLUSTERS: &str = "ecs:DescribeClusters";
/// DescribeClusters takes no more.
const CLUSTERS_A_CALL: usize = 100;

pub(super) async fn objects(caller: &Caller) -> Result<Vec<LiveObject>> {
    let services = EcsServices::new(caller);
    let mut found = Vec::new();
    for arn in services.list_clusters().await? {
        let name = cluster_name(&arn).to_owned();
        for service in services.list_services(&name).await? {
            found.extend(with_task_sets(&service, &name));
        }
        found.push(LiveObject {
            kind: ObjectKind::Cluster,
            name: name.clone(),
            cluster: Some(name),
            uses: BTreeSet::new(),
            tags: None,
            arn,
        });
    }
    Ok(found)
}

/// A service and its task sets. Those have no tags of their own in this answer; who looks for tags means the service.
fn with_task_sets(service: &Service, cluster: &str) -> Vec<LiveObject> {
    let groups = |balancers: &[LoadBalancer]| {
        let groups = balancers.iter().flat_map(LoadBalancer::groups);
        groups.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let name = format!("{cluster}/{}", service.name);
    // CodeDeploy makes and removes those of its services.
    let is_external = service.controller == Controller::External;
    let task_sets = service.task_sets.iter().filter(|_| is_external);
    let task_sets = task_sets.map(|task_set| {
        let mut uses = groups(&task_set.load_balancers);
        uses.insert(service.arn.clone());
        LiveObject {
            kind: ObjectKind::TaskSet,
            arn: format!(
                "{}/{}",
                service.arn.replacen(":service/", ":task-set/", 1),
                task_set.id
            ),
            name: format!("{name}/{}", task_set.id),
            cluster: Some(cluster.to_owned()),
            uses,
            tags: Some(service.tags.clone()),
        }
    });
    let mut all: Vec<LiveObject> = task_sets.collect();
    all.push(LiveObject {
        kind: ObjectKind::Service,
        arn: service.arn.clone(),
        cluster: Some(cluster.to_owned()),
        uses: groups(&service.load_balancers),
        tags: Some(service.tags.clone()),
        name,
    });
    all
}

/// Tags of clusters; the others have them in their lists.
pub(super) async fn tags(caller: &Caller, arns: &[String]) -> Result<BTreeMap<String, Tags>> {
    let mut all = BTreeMap::new();
    for some in arns.chunks(CLUSTERS_A_CALL) {
        let target = some.join(", ");
        let client = caller.connection.ecs(DESCRIBE_CLUSTERS, &target).await?;
        let request = client
            .describe_clusters()
            .set_clusters(Some(some.to_vec()))
            .include(ClusterField::Tags);
        let call = Call {
            operation: DESCRIBE_CLUSTERS,
            target: &target,
            class: Some(Class::ClusterRead),
        };
        let answer = caller.read(call, request.send()).await?;
        let clusters = answer.clusters().iter().filter_map(|cluster| {
            let tags = cluster.tags().iter().map(|tag| (tag.key(), tag.value()));
            Some((cluster.cluster_arn()?.to_owned(), tags_of(tags)))
        });
        all.extend(clusters);
    }
    Ok(all)
}
