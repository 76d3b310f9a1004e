//! Service deployments and revisions.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{
    DeploymentLifecycleHookAction, DeploymentLifecycleHookDetail,
    ServiceDeployment as SdkDeployment, ServiceRevision as SdkRevision, ServiceRevisionSummary,
    StopServiceDeploymentStopType,
};
use switchyard_engine::ports::{
    BreakerStatus, ContinueAction, EcsStatus, HookState, HookStatus, HookTargetType,
    LifecycleStage, Parts, RevisionSummary, ServiceDeployment, ServiceRevision, StopType,
};

use super::services::{launch, load_balancers, network};
use super::{Converted, count, required, time};

fn summary(revision: &ServiceRevisionSummary) -> Converted<RevisionSummary> {
    Ok(RevisionSummary {
        arn: required(revision.arn(), "serviceRevision.arn")?.to_owned(),
        requested: count(revision.requested_task_count()),
        running: count(revision.running_task_count()),
        pending: count(revision.pending_task_count()),
        production_weight: revision.requested_production_traffic_weight(),
        test_weight: revision.requested_test_traffic_weight(),
    })
}

/// A hook without id cannot be continued and says nothing.
fn hook(detail: &DeploymentLifecycleHookDetail) -> Option<HookState> {
    Some(HookState {
        id: detail.hook_id()?.to_owned(),
        target_type: HookTargetType::parse(detail.target_type().map_or("", |word| word.as_str())),
        target: detail.target_arn().map(ToOwned::to_owned),
        status: HookStatus::parse(detail.status().map_or("", |word| word.as_str())),
        expires_at: time(detail.expires_at().copied()),
    })
}

pub(crate) fn service_deployment(deployment: &SdkDeployment) -> Converted<ServiceDeployment> {
    let breaker = deployment.deployment_circuit_breaker();
    let rollback = deployment.rollback();
    Ok(ServiceDeployment {
        arn: required(deployment.service_deployment_arn(), "serviceDeploymentArn")?.to_owned(),
        status: EcsStatus::parse(required(deployment.status(), "status")?.as_str()),
        status_reason: deployment.status_reason().map(ToOwned::to_owned),
        stage: deployment
            .lifecycle_stage()
            .map(|word| LifecycleStage::parse(word.as_str())),
        sources: deployment
            .source_service_revisions()
            .iter()
            .map(summary)
            .collect::<Converted<_>>()?,
        target: deployment
            .target_service_revision()
            .map(summary)
            .transpose()?,
        rollback_revision: rollback
            .and_then(|rollback| rollback.service_revision_arn())
            .map(ToOwned::to_owned),
        rollback_reason: rollback
            .and_then(|rollback| rollback.reason())
            .map(ToOwned::to_owned),
        triggered_alarms: deployment
            .alarms()
            .map(|alarms| alarms.triggered_alarm_names().to_vec())
            .unwrap_or_default(),
        breaker: breaker
            .and_then(|breaker| breaker.status())
            .map(|word| BreakerStatus::parse(word.as_str())),
        hooks: deployment
            .lifecycle_hook_details()
            .iter()
            .filter_map(hook)
            .collect(),
        failed_tasks: breaker.map_or(0, |breaker| count(breaker.failure_count())),
        created_at: time(deployment.created_at().copied()),
        finished_at: time(deployment.finished_at().copied()),
    })
}

pub(crate) fn service_revision(revision: &SdkRevision) -> Converted<ServiceRevision> {
    let resolved = revision
        .resolved_configuration()
        .map(|resolved| resolved.load_balancers())
        .unwrap_or_default();
    let images = revision.container_images().iter().filter_map(|image| {
        let name = image.container_name()?.to_owned();
        Some((
            name,
            (
                image.image().unwrap_or_default().to_owned(),
                image.image_digest().map(ToOwned::to_owned),
            ),
        ))
    });
    Ok(ServiceRevision {
        arn: required(revision.service_revision_arn(), "serviceRevisionArn")?.to_owned(),
        task_definition: required(revision.task_definition(), "taskDefinition")?.to_owned(),
        launch: launch(
            revision.launch_type(),
            revision.capacity_provider_strategy(),
        ),
        platform_version: revision.platform_version().map(ToOwned::to_owned),
        network: network(revision.network_configuration()),
        load_balancers: load_balancers(revision.load_balancers()),
        resolved_target_groups: resolved
            .iter()
            .filter_map(|balancer| balancer.target_group_arn().map(ToOwned::to_owned))
            .collect(),
        images: images.collect(),
        created_at: time(revision.created_at().copied()),
        // Whoever has the whole answer adds them.
        parts: Parts::new(),
        beyond: BTreeSet::new(),
    })
}

pub(crate) fn to_stop_type(stop: StopType) -> StopServiceDeploymentStopType {
    match stop {
        StopType::Abort => StopServiceDeploymentStopType::Abort,
        StopType::Rollback => StopServiceDeploymentStopType::Rollback,
    }
}

pub(crate) fn to_action(action: ContinueAction) -> DeploymentLifecycleHookAction {
    match action {
        ContinueAction::Continue => DeploymentLifecycleHookAction::Continue,
        ContinueAction::Rollback => DeploymentLifecycleHookAction::Rollback,
    }
}
