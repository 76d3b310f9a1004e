//! What AWS is asked: everything that does not wait for another answer at once, so that a plan waits for
//! the slowest call and not for their sum.

use std::collections::BTreeMap;
use std::future::Future;

use futures::try_join;

use crate::desired::{
    DesiredController, DesiredCount, DesiredLoadBalancer, DesiredService, DesiredTaskDefinition,
};
use crate::finding::Field;
use crate::live::Live;
use crate::ports::{
    AlarmState, DeploymentConfig, DeploymentGroup, Error, ErrorKind, ListenerRule, Ports, Result,
    ScalableTarget, TargetGroup, TaskDefinition, WeightedTarget,
};
use crate::route::find_route;

/// A call without an answer, and the input it was made for.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) field: Field,
    pub(super) error: Error,
}

/// What became of one question.
#[derive(Debug)]
pub(super) enum Read<T> {
    Answered(T),
    Refused(Unanswered),
    /// The configuration does not raise the question.
    NotAsked,
}

impl<T> Read<T> {
    pub(super) fn answer(&self) -> Option<&T> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Refused(_) | Self::NotAsked => None,
        }
    }

    pub(super) fn refusal(&self) -> Option<&Unanswered> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Answered(_) | Self::NotAsked => None,
        }
    }
}

/// A rule; `None` when there is no such rule.
pub(super) type Forward = Option<Route>;

/// Where a rule, or the default rule of a listener, forwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) targets: Vec<WeightedTarget>,
    /// How long a client stays with the group it met first.
    pub(super) stickiness_seconds: Option<u32>,
}

impl From<ListenerRule> for Route {
    fn from(rule: ListenerRule) -> Self {
        Self {
            targets: rule.forward,
            stickiness_seconds: rule.stickiness_seconds,
        }
    }
}

pub(super) type AlarmStates = BTreeMap<String, AlarmState>;

/// Every answer.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) cluster: Read<bool>,
    pub(super) task_definition: Read<Option<TaskDefinition>>,
    pub(super) target_groups: Read<Vec<TargetGroup>>,
    pub(super) scalable: Read<Option<ScalableTarget>>,
    pub(super) controller: ControllerReads,
}

/// What depends on who moves the traffic.
#[derive(Debug)]
pub(super) enum ControllerReads {
    Ecs {
        production: Read<Forward>,
        test: Read<Forward>,
        alarms: Read<AlarmStates>,
    },
    CodeDeploy {
        group: Read<Option<DeploymentGroup>>,
        config: Read<Option<DeploymentConfig>>,
        alarms: Read<AlarmStates>,
    },
}

impl Reads {
    /// What was refused.
    /// What the controller cannot do without, and what answers does not have at all: nothing to do with rights.
    pub(super) fn lacking(&self) -> Option<&Unanswered> {
        let of_controller = match &self.controller {
            ControllerReads::Ecs { .. } => [None, None],
            ControllerReads::CodeDeploy { group, config, .. } => {
                [group.refusal(), config.refusal()]
            }
        };
        let mut of_controller = of_controller.into_iter().flatten();
        of_controller.find(|refusal| refusal.error.kind == ErrorKind::Rejected)
    }

    pub(super) fn refusals(&self) -> Vec<&Unanswered> {
        let common = [
            self.cluster.refusal(),
            self.task_definition.refusal(),
            self.target_groups.refusal(),
            self.scalable.refusal(),
        ];
        let of_controller = match &self.controller {
            ControllerReads::Ecs {
                production,
                test,
                alarms,
            } => [production.refusal(), test.refusal(), alarms.refusal()],
            ControllerReads::CodeDeploy {
                group,
                config,
                alarms,
            } => [group.refusal(), config.refusal(), alarms.refusal()],
        };
        common.into_iter().chain(of_controller).flatten().collect()
    }
}

/// A question's end: an error when AWS cannot be reached at all, which ends the other questions as well.
type Asked<T> = std::result::Result<Read<T>, Unanswered>;

/// Asks everything.
///
/// # Errors
/// The first call that AWS could not be reached for. The adapter has tried again as often as it may; more
/// calls would end the same way, each after just as long.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
) -> std::result::Result<Reads, Unanswered> {
    let (cluster, task_definition, target_groups, scalable, controller) = try_join!(
        cluster(ports, wanted),
        task_definition(ports, wanted, live),
        target_groups(ports, wanted),
        scalable(ports, wanted),
        of_controller(ports, wanted),
    )?;
    Ok(Reads {
        cluster,
        task_definition,
        target_groups,
        scalable,
        controller,
    })
}

pub(super) async fn ask<T>(field: Field, call: impl Future<Output = Result<T>>) -> Asked<T> {
    match call.await {
        Ok(answer) => Ok(Read::Answered(answer)),
        Err(error) if error.kind.is_transient() => Err(Unanswered { field, error }),
        Err(error) => Ok(Read::Refused(Unanswered { field, error })),
    }
}

/// A missing object is an answer.
fn found<T>(answer: Result<Option<T>>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        answer => answer,
    }
}

async fn cluster(ports: &Ports, wanted: &DesiredService) -> Asked<bool> {
    let call = async {
        let active = ports
            .services
            .cluster_is_active(&wanted.service.cluster)
            .await;
        found(active.map(Some)).map(|active| active.unwrap_or(false))
    };
    ask(Field::Cluster, call).await
}

/// The definition that tells what the tasks will run, whoever owns it.
pub(super) fn definition_name<'a>(
    wanted: &'a DesiredService,
    live: Option<&'a Live>,
) -> Option<&'a str> {
    let running = live.and_then(|live| live.revision.task_definition.as_deref());
    match &wanted.revision.task_definition {
        DesiredTaskDefinition::Named(name) | DesiredTaskDefinition::Restored(name) => Some(name),
        DesiredTaskDefinition::Images { base, .. } => base.as_deref().or(running),
        DesiredTaskDefinition::Live { initial } => running.or(initial.as_deref()),
    }
}

async fn task_definition(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
) -> Asked<Option<TaskDefinition>> {
    let Some(name) = definition_name(wanted, live) else {
        return Ok(Read::NotAsked);
    };
    let call = async { found(ports.services.find_task_definition(name).await) };
    ask(Field::TaskDefinition, call).await
}

async fn target_groups(ports: &Ports, wanted: &DesiredService) -> Asked<Vec<TargetGroup>> {
    let arns: Vec<String> = super::target_group_arns(wanted).cloned().collect();
    if arns.is_empty() {
        return Ok(Read::NotAsked);
    }
    ask(Field::TargetGroups, ports.routing.find_target_groups(&arns)).await
}

async fn scalable(ports: &Ports, wanted: &DesiredService) -> Asked<Option<ScalableTarget>> {
    let DesiredCount::Fixed(_) = wanted.desired else {
        return Ok(Read::NotAsked);
    };
    let call = ports.scaling.glance_at_scalable_target(&wanted.service);
    Ok(match call.await {
        Ok(answer) => Read::Answered(answer),
        // Another service than those an apply needs: that it does not answer says nothing about these.
        Err(error) => {
            tracing::info!(
                operation = error.operation,
                target = error.target,
                code = error.code,
                "could not be checked at plan"
            );
            Read::Refused(Unanswered {
                field: Field::Desired,
                error,
            })
        }
    })
}

async fn of_controller(
    ports: &Ports,
    wanted: &DesiredService,
) -> std::result::Result<ControllerReads, Unanswered> {
    match &wanted.controller {
        DesiredController::Ecs | DesiredController::External => {
            let pair = wanted
                .revision
                .load_balancer
                .as_ref()
                .filter(|balancer| balancer.target_groups.len() > 1);
            let rule = |of: fn(&DesiredLoadBalancer) -> &Option<String>| {
                pair.and_then(|balancer| of(balancer).as_deref())
            };
            let names = alarm_names(wanted, None);
            let (production, test, alarms) = try_join!(
                forward(
                    ports,
                    Field::ProductionRule,
                    rule(|balancer| &balancer.production_rule)
                ),
                forward(ports, Field::TestRule, rule(|balancer| &balancer.test_rule)),
                alarms(ports, &names),
            )?;
            Ok(ControllerReads::Ecs {
                production,
                test,
                alarms,
            })
        }
        DesiredController::CodeDeploy {
            application,
            group,
            config,
            ..
        } => {
            let call = async { found(ports.code_deploy.find_group(application, group).await) };
            let group = ask(Field::CodeDeployGroup, call).await?;
            let known = group.answer().and_then(Option::as_ref);
            let config = config.as_ref().or_else(|| known.map(|known| &known.config));
            let names = alarm_names(wanted, known);
            let (config, alarms) = try_join!(
                async {
                    match config {
                        Some(name) => {
                            ask(Field::CodeDeployConfig, ports.code_deploy.find_config(name)).await
                        }
                        None => Ok(Read::NotAsked),
                    }
                },
                alarms(ports, &names),
            )?;
            Ok(ControllerReads::CodeDeploy {
                group,
                config,
                alarms,
            })
        }
    }
}

/// The rule, or the default rule of the listener.
async fn forward(ports: &Ports, field: Field, arn: Option<&str>) -> Asked<Forward> {
    let Some(arn) = arn else {
        return Ok(Read::NotAsked);
    };
    let call = async {
        let rule = find_route(ports, arn).await?;
        Ok(rule.map(Route::from))
    };
    ask(field, call).await
}

async fn alarms(ports: &Ports, names: &[String]) -> Asked<AlarmStates> {
    if names.is_empty() {
        return Ok(Read::NotAsked);
    }
    ask(Field::Alarms, ports.alarms.alarm_states(names)).await
}

/// Alarms of the service; under CodeDeploy those of our deployments, or of the deployment group.
pub(super) fn alarm_names(wanted: &DesiredService, group: Option<&DeploymentGroup>) -> Vec<String> {
    match (&wanted.controller, group) {
        (DesiredController::Ecs | DesiredController::External, _) => {
            let configured = wanted.settings.deployment_configuration.alarms.iter();
            configured
                .filter(|alarms| alarms.enable)
                .flat_map(|alarms| alarms.names.iter().cloned())
                .collect()
        }
        (
            DesiredController::CodeDeploy {
                alarms: Some(names),
                ..
            },
            _,
        ) => names.clone(),
        (DesiredController::CodeDeploy { alarms: None, .. }, group) => {
            group.map(|group| group.alarms.clone()).unwrap_or_default()
        }
    }
}
