//! ECS answers in the engine's nouns.

use serde_json::Value;
use switchyard_engine::ports::members::{beyond_revision, beyond_service};
use switchyard_engine::ports::{
    Alternate, BreakerStatus, CapacityProvider, Controller, EcsStatus, HookState, HookStatus,
    HookTargetType, Launch, LaunchType, LifecycleStage, LoadBalancer, Network, PropagateTags,
    RevisionSummary, Service, ServiceDeployment, ServiceEvent, ServiceRevision, ServiceStatus,
    StabilityStatus, StopCode, StoppedTask, TaskSet, TaskSetStatus, parts_of, parts_of_service,
};

use super::configuration;
use super::read::{count, flag, float, list, moment, number, tags, text, texts, word};

pub(super) fn service(value: &Value) -> Service {
    Service {
        arn: word(value, "serviceArn"),
        name: word(value, "serviceName"),
        cluster_arn: word(value, "clusterArn"),
        status: ServiceStatus::parse(&word(value, "status")),
        controller: value
            .get("deploymentController")
            .and_then(|found| text(found, "type"))
            .map_or(Controller::Ecs, |word| Controller::parse(&word)),
        task_definition: text(value, "taskDefinition"),
        desired: count(value, "desiredCount"),
        running: count(value, "runningCount"),
        pending: count(value, "pendingCount"),
        launch: launch(value),
        platform_version: text(value, "platformVersion"),
        network: network(value),
        load_balancers: load_balancers(value),
        deployment_configuration: value
            .get("deploymentConfiguration")
            .map(configuration::read),
        health_check_grace_seconds: number(value, "healthCheckGracePeriodSeconds"),
        enable_execute_command: flag(value, "enableExecuteCommand"),
        enable_managed_tags: flag(value, "enableECSManagedTags"),
        propagate_tags: text(value, "propagateTags")
            .map_or(PropagateTags::None, |word| PropagateTags::parse(&word)),
        rolling_out: list(value, "deployments")
            .iter()
            .any(|found| word(found, "rolloutState") == "IN_PROGRESS"),
        current_deployment: text(value, "currentServiceDeployment"),
        current_revisions: list(value, "currentServiceRevisions")
            .iter()
            .map(|found| word(found, "arn"))
            .collect(),
        task_sets: list(value, "taskSets").iter().map(task_set).collect(),
        events: list(value, "events")
            .iter()
            .filter_map(|event| {
                let at = moment(event, "createdAt")?;
                Some(ServiceEvent {
                    id: word(event, "id"),
                    at,
                    message: word(event, "message"),
                })
            })
            .collect(),
        tags: tags(value, "tags"),
        created_at: moment(value, "createdAt"),
        parts: value.as_object().map(parts_of_service).unwrap_or_default(),
        beyond: value.as_object().map(beyond_service).unwrap_or_default(),
    }
}

fn launch(value: &Value) -> Option<Launch> {
    let strategy = strategy_items(value, "capacityProviderStrategy");
    if !strategy.is_empty() {
        return Some(Launch::Strategy(strategy));
    }
    let word = text(value, "launchType")?;
    Some(Launch::Type(LaunchType::parse(&word)))
}

/// The capacity provider strategy under `member`.
pub(super) fn strategy_items(value: &Value, member: &str) -> Vec<CapacityProvider> {
    let item = |item| CapacityProvider {
        name: word(item, "capacityProvider"),
        base: count(item, "base"),
        weight: count(item, "weight"),
    };
    list(value, member).iter().map(item).collect()
}

fn network(value: &Value) -> Option<Network> {
    let found = value
        .get("networkConfiguration")?
        .get("awsvpcConfiguration")?;
    Some(Network {
        subnets: texts(found, "subnets").into_iter().collect(),
        security_groups: texts(found, "securityGroups").into_iter().collect(),
        assign_public_ip: word(found, "assignPublicIp") == "ENABLED",
    })
}

fn load_balancers(value: &Value) -> Vec<LoadBalancer> {
    let balancer = |found: &Value| {
        Some(LoadBalancer {
            target_group: text(found, "targetGroupArn")?,
            container: word(found, "containerName"),
            port: count(found, "containerPort"),
            alternate: found.get("advancedConfiguration").and_then(|advanced| {
                Some(Alternate {
                    target_group: text(advanced, "alternateTargetGroupArn")?,
                    production_rule: word(advanced, "productionListenerRule"),
                    test_rule: text(advanced, "testListenerRule"),
                    role: word(advanced, "roleArn"),
                })
            }),
        })
    };
    list(value, "loadBalancers")
        .iter()
        .filter_map(balancer)
        .collect()
}

pub(super) fn task_set(value: &Value) -> TaskSet {
    TaskSet {
        id: word(value, "id"),
        status: TaskSetStatus::parse(&word(value, "status")),
        external_id: text(value, "externalId"),
        task_definition: word(value, "taskDefinition"),
        load_balancers: load_balancers(value),
        network: network(value),
        launch: launch(value),
        platform_version: text(value, "platformVersion"),
        running: count(value, "runningCount"),
        computed_desired: count(value, "computedDesiredCount"),
        stability: Some(StabilityStatus::parse(&word(value, "stabilityStatus"))),
        pending: count(value, "pendingCount"),
        scale_percent: value
            .get("scale")
            .and_then(|scale| float(scale, "value"))
            .unwrap_or(0.0),
        created_at: moment(value, "createdAt"),
        parts: value.as_object().map(parts_of).unwrap_or_default(),
        tags: tags(value, "tags"),
    }
}

pub(super) fn deployment(value: &Value) -> ServiceDeployment {
    let rollback = value.get("rollback");
    let breaker = value.get("deploymentCircuitBreaker");
    ServiceDeployment {
        arn: word(value, "serviceDeploymentArn"),
        status: EcsStatus::parse(&word(value, "status")),
        status_reason: text(value, "statusReason"),
        stage: text(value, "lifecycleStage").map(|word| LifecycleStage::parse(&word)),
        sources: list(value, "sourceServiceRevisions")
            .iter()
            .map(summary)
            .collect(),
        target: value.get("targetServiceRevision").map(summary),
        rollback_revision: rollback.and_then(|found| text(found, "serviceRevisionArn")),
        rollback_reason: rollback.and_then(|found| text(found, "reason")),
        triggered_alarms: value
            .get("alarms")
            .map(|found| texts(found, "triggeredAlarmNames"))
            .unwrap_or_default(),
        breaker: breaker.map(|found| BreakerStatus::parse(&word(found, "status"))),
        failed_tasks: breaker.map_or(0, |found| count(found, "failureCount")),
        hooks: list(value, "lifecycleHookDetails")
            .iter()
            .map(hook)
            .collect(),
        created_at: moment(value, "createdAt"),
        finished_at: moment(value, "finishedAt"),
    }
}

fn hook(value: &Value) -> HookState {
    HookState {
        id: word(value, "hookId"),
        target_type: HookTargetType::parse(&word(value, "targetType")),
        target: text(value, "targetArn"),
        status: HookStatus::parse(&word(value, "status")),
        expires_at: moment(value, "expiresAt"),
    }
}

fn summary(value: &Value) -> RevisionSummary {
    RevisionSummary {
        arn: word(value, "arn"),
        requested: count(value, "requestedTaskCount"),
        running: count(value, "runningTaskCount"),
        pending: count(value, "pendingTaskCount"),
        production_weight: float(value, "requestedProductionTrafficWeight"),
        test_weight: float(value, "requestedTestTrafficWeight"),
    }
}

pub(super) fn revision(value: &Value) -> ServiceRevision {
    ServiceRevision {
        arn: word(value, "serviceRevisionArn"),
        task_definition: word(value, "taskDefinition"),
        launch: launch(value),
        platform_version: text(value, "platformVersion"),
        network: network(value),
        load_balancers: load_balancers(value),
        resolved_target_groups: value
            .get("resolvedConfiguration")
            .map(|found| {
                list(found, "loadBalancers")
                    .iter()
                    .map(|one| word(one, "targetGroupArn"))
                    .collect()
            })
            .unwrap_or_default(),
        images: list(value, "containerImages")
            .iter()
            .map(|image| {
                (
                    word(image, "containerName"),
                    (word(image, "image"), text(image, "imageDigest")),
                )
            })
            .collect(),
        created_at: moment(value, "createdAt"),
        parts: value.as_object().map(parts_of).unwrap_or_default(),
        beyond: value.as_object().map(beyond_revision).unwrap_or_default(),
    }
}

pub(super) fn stopped_task(value: &Value) -> StoppedTask {
    StoppedTask {
        arn: word(value, "taskArn"),
        task_definition: word(value, "taskDefinitionArn"),
        started_by: text(value, "startedBy"),
        stop_code: text(value, "stopCode").map(|word| StopCode::parse(&word)),
        reason: text(value, "stoppedReason"),
        containers: list(value, "containers")
            .iter()
            .map(|found| {
                let exit_code = found.get("exitCode").and_then(Value::as_i64);
                (word(found, "name"), (exit_code, text(found, "reason")))
            })
            .collect(),
        stopped_at: moment(value, "stoppedAt"),
    }
}
