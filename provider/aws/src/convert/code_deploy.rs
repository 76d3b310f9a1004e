//! AWS CodeDeploy.

use std::fmt::Write as _;

use aws_sdk_codedeploy::types as sdk;
use sha2::{Digest as _, Sha256};
use switchyard_engine::ports::{
    CodeDeployDeployment, CodeDeployError, CodeDeployErrorCode, CodeDeployEvent, CodeDeployStatus,
    CodeDeployTarget, CodeDeployTaskSet, ComputePlatform, DeploymentConfig, DeploymentGroup,
    DeploymentWait, EventStatus, ReadyAction, TaskSetLabel, TaskSetStatus, TrafficRouting,
};

use super::{Converted, count, long_count, required, time};

pub(crate) fn group(group: &sdk::DeploymentGroupInfo) -> Converted<DeploymentGroup> {
    let service = group.ecs_services().first();
    let pair = group
        .load_balancer_info()
        .and_then(|info| info.target_group_pair_info_list().first());
    let listeners = |route: Option<&sdk::TrafficRoute>| {
        route
            .map(|route| route.listener_arns().to_vec())
            .unwrap_or_default()
    };
    let blue_green = group.blue_green_deployment_configuration();
    let termination = blue_green
        .and_then(|configuration| configuration.terminate_blue_instances_on_deployment_success());
    // Deployments that go on by themselves have the option, too, with a wait of 0.
    let ready = blue_green
        .and_then(|configuration| configuration.deployment_ready_option())
        .filter(|option| {
            option
                .action_on_timeout()
                .is_some_and(|word| ReadyAction::parse(word.as_str()) == ReadyAction::Stop)
        });
    let rollback = group
        .auto_rollback_configuration()
        .filter(|rollback| rollback.enabled());
    let alarms = group
        .alarm_configuration()
        .filter(|alarms| alarms.enabled());
    Ok(DeploymentGroup {
        application: required(group.application_name(), "applicationName")?.to_owned(),
        name: required(group.deployment_group_name(), "deploymentGroupName")?.to_owned(),
        config: group
            .deployment_config_name()
            .unwrap_or_default()
            .to_owned(),
        cluster: service
            .and_then(|service| service.cluster_name())
            .map(ToOwned::to_owned),
        service: service
            .and_then(|service| service.service_name())
            .map(ToOwned::to_owned),
        target_groups: pair
            .map(|pair| pair.target_groups())
            .unwrap_or_default()
            .iter()
            .filter_map(|group| group.name().map(ToOwned::to_owned))
            .collect(),
        production_listeners: listeners(pair.and_then(|pair| pair.prod_traffic_route())),
        test_listeners: listeners(pair.and_then(|pair| pair.test_traffic_route())),
        termination_wait_minutes: termination
            .map(|option| count(option.termination_wait_time_in_minutes())),
        ready_wait_minutes: ready.map(|option| count(option.wait_time_in_minutes())),
        rollback_events: rollback
            .map(|rollback| {
                rollback
                    .events()
                    .iter()
                    .map(|event| event.as_str().to_owned())
                    .collect()
            })
            .unwrap_or_default(),
        alarms: alarms
            .map(|alarms| {
                alarms
                    .alarms()
                    .iter()
                    .filter_map(|alarm| alarm.name().map(ToOwned::to_owned))
                    .collect()
            })
            .unwrap_or_default(),
    })
}

fn routing(config: &sdk::TrafficRoutingConfig) -> TrafficRouting {
    let word = config.r#type().map_or("", |word| word.as_str());
    match (word, config.time_based_canary(), config.time_based_linear()) {
        ("AllAtOnce", _, _) => TrafficRouting::AllAtOnce,
        ("TimeBasedCanary", Some(canary), _) => TrafficRouting::Canary {
            percent: count(canary.canary_percentage()),
            interval_minutes: count(canary.canary_interval()),
        },
        ("TimeBasedLinear", _, Some(linear)) => TrafficRouting::Linear {
            percent: count(linear.linear_percentage()),
            interval_minutes: count(linear.linear_interval()),
        },
        (other, _, _) => TrafficRouting::Unknown(other.to_owned()),
    }
}

pub(crate) fn config(config: &sdk::DeploymentConfigInfo) -> Converted<DeploymentConfig> {
    Ok(DeploymentConfig {
        name: required(config.deployment_config_name(), "deploymentConfigName")?.to_owned(),
        // AWS leaves the platform out of the oldest predefined configurations, which are for servers.
        compute_platform: config
            .compute_platform()
            .map_or(ComputePlatform::Server, |word| {
                ComputePlatform::parse(word.as_str())
            }),
        routing: config.traffic_routing_config().map(routing),
    })
}

/// Statuses of a deployment that is not finished.
pub(crate) fn running_statuses() -> Vec<sdk::DeploymentStatus> {
    ["Created", "Queued", "InProgress", "Baking", "Ready"]
        .map(sdk::DeploymentStatus::from)
        .to_vec()
}

pub(crate) fn deployment(deployment: &sdk::DeploymentInfo) -> Converted<CodeDeployDeployment> {
    let rollback = deployment.rollback_info();
    // CodeDeploy sends empty strings for the ids of rollbacks that do not exist.
    let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    Ok(CodeDeployDeployment {
        application: deployment.application_name().map(ToOwned::to_owned),
        group: deployment.deployment_group_name().map(ToOwned::to_owned),
        id: required(deployment.deployment_id(), "deploymentId")?.to_owned(),
        status: CodeDeployStatus::parse(required(deployment.status(), "status")?.as_str()),
        description: said(deployment.description()),
        creator: deployment
            .creator()
            .map_or("", |word| word.as_str())
            .to_owned(),
        config: deployment.deployment_config_name().map(ToOwned::to_owned),
        app_spec: deployment.revision().and_then(app_spec),
        error: deployment.error_information().map(|error| CodeDeployError {
            code: CodeDeployErrorCode::parse(error.code().map_or("", |word| word.as_str())),
            message: error.message().unwrap_or_default().to_owned(),
        }),
        rollback_deployment: said(rollback.and_then(|rollback| rollback.rollback_deployment_id())),
        rolls_back: said(
            rollback.and_then(|rollback| rollback.rollback_triggering_deployment_id()),
        ),
        rollback_message: said(rollback.and_then(|rollback| rollback.rollback_message())),
        created_at: time(deployment.create_time().copied()),
        completed_at: time(deployment.complete_time().copied()),
    })
}

/// Inline content, in the present or in the older form.
fn app_spec(revision: &sdk::RevisionLocation) -> Option<String> {
    let present = revision
        .app_spec_content()
        .and_then(|content| content.content());
    let older = || revision.string().and_then(|string| string.content());
    present.or_else(older).map(ToOwned::to_owned)
}

fn event(event: &sdk::LifecycleEvent) -> Option<CodeDeployEvent> {
    let message = event
        .diagnostics()
        .and_then(|diagnostics| diagnostics.message());
    Some(CodeDeployEvent {
        name: event.lifecycle_event_name()?.to_owned(),
        status: EventStatus::parse(event.status().map_or("Unknown", |word| word.as_str())),
        message: message
            .filter(|message| !message.is_empty())
            .map(ToOwned::to_owned),
    })
}

fn task_set(set: &sdk::EcsTaskSet) -> Converted<CodeDeployTaskSet> {
    Ok(CodeDeployTaskSet {
        id: set.identifer().unwrap_or_default().to_owned(),
        label: TaskSetLabel::parse(required(set.task_set_label(), "taskSetLabel")?.as_str()),
        status: TaskSetStatus::parse(set.status().unwrap_or_default()),
        traffic_weight: set.traffic_weight(),
        target_group: set
            .target_group()
            .and_then(|group| group.name())
            .map(ToOwned::to_owned),
        desired: long_count(set.desired_count()),
        pending: long_count(set.pending_count()),
        running: long_count(set.running_count()),
    })
}

pub(crate) fn target(target: &sdk::EcsTarget) -> Converted<CodeDeployTarget> {
    Ok(CodeDeployTarget {
        status: target
            .status()
            .map_or("Unknown", |word| word.as_str())
            .to_owned(),
        events: target.lifecycle_events().iter().filter_map(event).collect(),
        task_sets: target
            .task_sets_info()
            .iter()
            .map(task_set)
            .collect::<Converted<_>>()?,
    })
}

/// Auto-rollback of one deployment; no event means off.
pub(crate) fn to_auto_rollback(events: &[String]) -> sdk::AutoRollbackConfiguration {
    let words = events
        .iter()
        .map(|event| sdk::AutoRollbackEvent::from(event.as_str()))
        .collect::<Vec<_>>();
    sdk::AutoRollbackConfiguration::builder()
        .enabled(!events.is_empty())
        .set_events((!words.is_empty()).then_some(words))
        .build()
}

/// Alarms of one deployment; none means off.
pub(crate) fn to_alarms(names: &[String]) -> sdk::AlarmConfiguration {
    let alarms = names
        .iter()
        .map(|name| sdk::Alarm::builder().name(name).build())
        .collect::<Vec<_>>();
    sdk::AlarmConfiguration::builder()
        .enabled(!alarms.is_empty())
        .set_alarms((!alarms.is_empty()).then_some(alarms))
        .build()
}

pub(crate) fn to_wait(wait: DeploymentWait) -> sdk::DeploymentWaitType {
    match wait {
        DeploymentWait::Ready => sdk::DeploymentWaitType::ReadyWait,
        DeploymentWait::Termination => sdk::DeploymentWaitType::TerminationWait,
    }
}

/// An inline AppSpec with its checksum, as CreateDeployment takes it.
pub(crate) fn to_revision(app_spec: &str) -> sdk::RevisionLocation {
    let content = sdk::AppSpecContent::builder()
        .content(app_spec)
        .sha256(sha256(app_spec))
        .build();
    sdk::RevisionLocation::builder()
        .revision_type(sdk::RevisionLocationType::AppSpecContent)
        .app_spec_content(content)
        .build()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a `String` cannot fail.
            let _always_ok = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_lower_case_hex_of_the_content() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
