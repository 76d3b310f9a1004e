//! The rules of a deployment group, and what an ECS deployment reads from it.

use serde_json::{Map, Value, json};

use super::ecs_side;
use super::errors::error;
use crate::ApiError;
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;

/// The longest wait a group may ask for, in minutes.
const LONGEST_WAIT: i64 = 2880;
/// Alarms per group.
const MOST_ALARMS: usize = 10;

/// What an ECS deployment needs to know of its group.
#[derive(Debug, Clone)]
pub(super) struct EcsGroup {
    pub(super) cluster: String,
    pub(super) service: String,
    /// The names of the two target groups.
    pub(super) pair: [String; 2],
    pub(super) production_listener: String,
    pub(super) test_listener: Option<String>,
    /// Minutes to wait for `ContinueDeployment`; `None` goes on at once.
    pub(super) ready_wait: Option<i64>,
    /// Minutes the old task set stays after the shift.
    pub(super) termination_wait: i64,
}

/// What happens by itself when a deployment ends badly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AutoRollback {
    pub(super) on_failure: bool,
    pub(super) on_alarm: bool,
    pub(super) on_request: bool,
}

/// The alarms that stop a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Alarms {
    pub(super) names: Vec<String>,
    /// Go on when an alarm cannot be read.
    pub(super) ignore_unknown: bool,
}

/// Fills members that AWS always shows inside structures that were sent without them.
pub(super) fn complete(settings: &mut Map<String, Value>) {
    let wanted = [
        (
            "alarmConfiguration",
            json!({"enabled": false, "ignorePollAlarmFailure": false, "alarms": []}),
        ),
        (
            "autoRollbackConfiguration",
            json!({"enabled": false, "events": []}),
        ),
    ];
    for (member, whole) in wanted {
        let Some(sent) = settings.get_mut(member).and_then(Value::as_object_mut) else {
            continue;
        };
        for (name, value) in whole.as_object().into_iter().flatten() {
            if sent.get(name).is_none_or(Value::is_null) {
                sent.insert(name.clone(), value.clone());
            }
        }
    }
}

/// The rules every platform shares.
pub(super) fn shared(settings: Fields<'_>) -> Result<(), ApiError> {
    if let Some(configuration) = settings.structure("autoRollbackConfiguration") {
        auto_rollback(configuration)?;
    }
    if let Some(configuration) = settings.structure("alarmConfiguration") {
        alarms(configuration)?;
    }
    Ok(())
}

/// Reads an `autoRollbackConfiguration`.
pub(super) fn auto_rollback(configuration: Fields<'_>) -> Result<AutoRollback, ApiError> {
    let refuse = |message: String| error("InvalidAutoRollbackConfig", message);
    let mut rollback = AutoRollback::default();
    for event in configuration.texts("events") {
        match event.as_str() {
            "DEPLOYMENT_FAILURE" => rollback.on_failure = true,
            "DEPLOYMENT_STOP_ON_ALARM" => rollback.on_alarm = true,
            "DEPLOYMENT_STOP_ON_REQUEST" => rollback.on_request = true,
            other => {
                return Err(refuse(format!(
                    "The auto rollback event {other} is invalid."
                )));
            }
        }
    }
    let enabled = configuration.boolean("enabled").unwrap_or(false);
    if enabled && rollback == AutoRollback::default() {
        return Err(refuse(
            "An enabled auto rollback configuration needs at least one event.".to_owned(),
        ));
    }
    Ok(if enabled {
        rollback
    } else {
        AutoRollback::default()
    })
}

/// Reads an `alarmConfiguration`; no names when it is off.
pub(super) fn alarms(configuration: Fields<'_>) -> Result<Alarms, ApiError> {
    let names: Vec<String> = configuration
        .structures("alarms")
        .filter_map(|alarm| alarm.filled("name"))
        .map(str::to_owned)
        .collect();
    if names.len() > MOST_ALARMS {
        return Err(error(
            "AlarmsLimitExceeded",
            format!("A deployment group can have at most {MOST_ALARMS} alarms."),
        ));
    }
    let enabled = configuration.boolean("enabled").unwrap_or(false);
    if enabled && names.is_empty() {
        return Err(error(
            "InvalidAlarmConfig",
            "An enabled alarm configuration needs at least one alarm.",
        ));
    }
    let names = if enabled { names } else { Vec::new() };
    let ignore_unknown = configuration
        .boolean("ignorePollAlarmFailure")
        .unwrap_or(false);
    Ok(Alarms {
        names,
        ignore_unknown,
    })
}

/// The rules of an ECS group.
pub(super) fn ecs(world: &mut World, settings: Fields<'_>) -> Result<EcsGroup, ApiError> {
    check_style(settings)?;
    let (cluster, service) = service(world, settings)?;
    let balancing = load_balancing(settings)?;
    let (ready_wait, termination_wait) = blue_green(settings)?;
    Ok(EcsGroup {
        cluster,
        service,
        pair: balancing.pair,
        production_listener: balancing.production,
        test_listener: balancing.test,
        ready_wait,
        termination_wait,
    })
}

fn check_style(settings: Fields<'_>) -> Result<(), ApiError> {
    let style = settings.structure("deploymentStyle");
    let word = |member: &str| style.and_then(|style| style.filled(member));
    if word("deploymentType") != Some("BLUE_GREEN")
        || word("deploymentOption") != Some("WITH_TRAFFIC_CONTROL")
    {
        return Err(error(
            "InvalidDeploymentStyle",
            "For ECS the deployment type must be BLUE_GREEN and the deployment option WITH_TRAFFIC_CONTROL.",
        ));
    }
    Ok(())
}

fn service(world: &mut World, settings: Fields<'_>) -> Result<(String, String), ApiError> {
    let named: Vec<Fields<'_>> = settings.structures("ecsServices").collect();
    let service = match named.as_slice() {
        [service] => *service,
        [] => {
            return Err(error(
                "InvalidECSService",
                "An ECS deployment group needs exactly one ECS service.",
            ));
        }
        [_, _, ..] => {
            return Err(error(
                "ECSServiceMappingLimitExceeded",
                "An ECS deployment group can have one ECS service only.",
            ));
        }
    };
    let cluster = service
        .filled("clusterName")
        .unwrap_or("default")
        .to_owned();
    let Some(name) = service.filled("serviceName").map(str::to_owned) else {
        return Err(error(
            "InvalidECSService",
            "The ECS service needs a service name.",
        ));
    };
    let Some(known) = ecs_side::service(world, &cluster, &name) else {
        return Err(error(
            "InvalidECSService",
            format!("The ECS service {name} does not exist in cluster {cluster}."),
        ));
    };
    if known.controller != "CODE_DEPLOY" {
        return Err(error(
            "InvalidECSService",
            "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
        ));
    }
    Ok((cluster, name))
}

struct Balancing {
    pair: [String; 2],
    production: String,
    test: Option<String>,
}

fn load_balancing(settings: Fields<'_>) -> Result<Balancing, ApiError> {
    let refuse = |message: &str| error("InvalidTargetGroupPair", message);
    let info = settings.structure("loadBalancerInfo").ok_or_else(|| {
        error(
            "InvalidLoadBalancerInfo",
            "An ECS deployment group needs load balancer information.",
        )
    })?;
    let pairs: Vec<Fields<'_>> = info.structures("targetGroupPairInfoList").collect();
    let [pair] = pairs.as_slice() else {
        return Err(refuse(
            "An ECS deployment group needs exactly one target group pair.",
        ));
    };
    let names: Vec<&str> = pair
        .structures("targetGroups")
        .filter_map(|group| group.filled("name"))
        .collect();
    let [first, second] = names.as_slice() else {
        return Err(refuse(
            "A target group pair needs exactly two target groups, each given by its name.",
        ));
    };
    if first == second {
        return Err(refuse("The two target groups of a pair must differ."));
    }
    let listener = |route: &str| -> Result<Option<String>, ApiError> {
        let arns = pair
            .structure(route)
            .map(|route| route.texts("listenerArns"))
            .unwrap_or_default();
        match arns.as_slice() {
            [] => Ok(None),
            [arn] if arn.contains(":listener/") => Ok(Some(arn.clone())),
            [_] => Err(refuse("A traffic route needs a listener ARN.")),
            [_, _, ..] => Err(refuse("A traffic route can have one listener only.")),
        }
    };
    let production = listener("prodTrafficRoute")?
        .ok_or_else(|| refuse("A target group pair needs a production listener ARN."))?;
    let test = listener("testTrafficRoute")?;
    if test.as_ref() == Some(&production) {
        return Err(refuse("The production and the test listener must differ."));
    }
    Ok(Balancing {
        pair: [(*first).to_owned(), (*second).to_owned()],
        production,
        test,
    })
}

fn blue_green(settings: Fields<'_>) -> Result<(Option<i64>, i64), ApiError> {
    let refuse = |message: &str| error("InvalidBlueGreenDeploymentConfiguration", message);
    let configuration = settings
        .structure("blueGreenDeploymentConfiguration")
        .ok_or_else(|| refuse("A blue/green deployment configuration is required for ECS."))?;
    if configuration.has("greenFleetProvisioningOption") {
        return Err(refuse(
            "greenFleetProvisioningOption is not supported for the ECS compute platform.",
        ));
    }
    let ready = match configuration.structure("deploymentReadyOption") {
        None => None,
        Some(option) => {
            let minutes = option.integer("waitTimeInMinutes").unwrap_or(0);
            match option
                .filled("actionOnTimeout")
                .unwrap_or("CONTINUE_DEPLOYMENT")
            {
                "CONTINUE_DEPLOYMENT" if minutes == 0 => None,
                "CONTINUE_DEPLOYMENT" => {
                    return Err(refuse(
                        "The wait time cannot be specified when the action on timeout is CONTINUE_DEPLOYMENT.",
                    ));
                }
                "STOP_DEPLOYMENT" if (1..=LONGEST_WAIT).contains(&minutes) => Some(minutes),
                "STOP_DEPLOYMENT" => {
                    return Err(refuse(
                        "The wait time of STOP_DEPLOYMENT is 1 to 2880 minutes.",
                    ));
                }
                _ => {
                    return Err(refuse(
                        "The action on timeout is CONTINUE_DEPLOYMENT or STOP_DEPLOYMENT.",
                    ));
                }
            }
        }
    };
    let terminate = configuration.structure("terminateBlueInstancesOnDeploymentSuccess");
    let action = terminate
        .and_then(|option| option.filled("action"))
        .unwrap_or("TERMINATE");
    if action != "TERMINATE" {
        return Err(refuse(
            "KEEP_ALIVE is not supported for the ECS compute platform: the action must be TERMINATE.",
        ));
    }
    let minutes = terminate
        .and_then(|option| option.integer("terminationWaitTimeInMinutes"))
        .unwrap_or(0);
    if !(0..=LONGEST_WAIT).contains(&minutes) {
        return Err(refuse("The termination wait time is 0 to 2880 minutes."));
    }
    Ok((ready, minutes))
}
