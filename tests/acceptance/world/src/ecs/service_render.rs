//! A service as DescribeServices shows it.

use serde_json::{Map, Value, json};

use super::pool::Pool;
use super::service::Service;
use super::settings::Controller;
use super::{tags, task_sets};
use crate::state::State as World;

/// Settings that a service shows with its deployments and revisions only.
const OF_DEPLOYMENTS: [&str; 5] = [
    "gatewayConnectors",
    "monitoring",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// The whole service.
pub(super) fn render(state: &World, service: &Service, with_tags: bool) -> Value {
    let mut members = service.settings.echo.clone();
    members.retain(|member, _| !OF_DEPLOYMENTS.contains(&member.as_str()));
    let sum = |count: fn(&Pool) -> u32| service.pools.iter().map(count).sum::<u32>();
    let native = service.settings.controller() == Controller::Ecs;
    let deployments: Vec<Value> = service
        .pools
        .iter()
        .enumerate()
        .filter(|(_, pool)| pool.task_set.is_none())
        .map(|(position, pool)| render_deployment(pool, position == 0))
        .collect();
    let fixed = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster_arn,
        "status": service.status.word(),
        "desiredCount": service.desired,
        "runningCount": sum(|pool| pool.running),
        "pendingCount": sum(|pool| pool.pending),
        "deployments": deployments,
        "events": service.events,
        "createdAt": service.created,
        "createdBy": format!("arn:aws:iam::{}:root", state.account),
    });
    if let Value::Object(fixed) = fixed {
        members.extend(fixed);
    }
    if !service.settings.load_balancers().is_empty() {
        members.entry("roleArn").or_insert_with(|| {
            json!(format!(
                "arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
                state.account
            ))
        });
    }
    if native {
        if let Some(deployment) = service.deployments.last() {
            members.insert("currentServiceDeployment".to_owned(), json!(deployment.arn));
        }
        let revisions: Vec<Value> = service.pools.iter().filter_map(render_revision).collect();
        members.insert("currentServiceRevisions".to_owned(), json!(revisions));
    } else {
        members.insert(
            "taskSets".to_owned(),
            json!(task_sets::render(state, service, with_tags)),
        );
    }
    members.insert("resourceManagementType".to_owned(), json!("CUSTOMER"));
    if with_tags {
        members.insert("tags".to_owned(), json!(tags::render(state, &service.arn)));
    }
    Value::Object(members)
}

fn render_revision(pool: &Pool) -> Option<Value> {
    let arn = pool.revision.as_ref()?;
    if pool.desired == 0
        && pool.tasks.is_empty()
        && pool.rollout != super::pool::RolloutState::Completed
    {
        return None;
    }
    Some(json!({
        "arn": arn,
        "requestedTaskCount": pool.desired,
        "runningTaskCount": pool.running,
        "pendingTaskCount": pool.pending,
    }))
}

fn render_deployment(pool: &Pool, primary: bool) -> Value {
    let mut members: Map<String, Value> = [
        "launchType",
        "capacityProviderStrategy",
        "platformVersion",
        "platformFamily",
        "networkConfiguration",
        "serviceConnectConfiguration",
        "volumeConfigurations",
        "vpcLatticeConfigurations",
        "taskDefinition",
    ]
    .iter()
    .filter_map(|member| {
        Some((
            (*member).to_owned(),
            pool.settings.echo.get(*member)?.clone(),
        ))
    })
    .collect();
    let fixed = json!({
        "id": pool.id,
        "status": if primary { "PRIMARY" } else { "ACTIVE" },
        "desiredCount": pool.desired,
        "pendingCount": pool.pending,
        "runningCount": pool.running,
        "failedTasks": pool.failed,
        "createdAt": pool.created,
        "updatedAt": pool.updated,
        "rolloutState": pool.rollout.word(),
        "rolloutStateReason": pool.rollout_reason,
    });
    if let Value::Object(fixed) = fixed {
        members.extend(fixed);
    }
    Value::Object(members)
}
