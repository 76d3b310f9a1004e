//! From the model to what the engine is asked for.

mod deployment;

use std::collections::BTreeSet;
use std::time::Duration;

use switchyard_engine::gate::{Gates, When};
use switchyard_engine::ports::{
    CapacityProvider, Launch, LaunchType, Network, PropagateTags, ServiceRef,
};
use switchyard_engine::{
    Desired, Intent, OnCancel, OnForeign, Rule, ScalingDuring, Settings, Wanted,
    WantedLoadBalancer, WantedRevision, WantedTaskDefinition,
};
use tfplugin::value::Attr;

pub(super) use deployment::{lambda_hooks, steps_strategy};

use super::model::{
    DeploymentModel, LoadBalancerModel, Model, NetworkModel, known_map, known_set, whole_list,
};
use super::owner::Owner;
use super::restore::Target;
use super::strategy::{self, Controller, Strategy};
use super::{gates, waits};
use crate::{duration, tags};

/// The default of `timeouts.delete`.
const DELETE_LIMIT: Duration = Duration::from_secs(20 * 60);

/// The default of `deployment.recovery_objective`.
const RECOVERY_OBJECTIVE: Duration = Duration::from_secs(5 * 60);

/// AWS's default of `deployment.maximum_percent` for a service that keeps a number of tasks: what a service has whose
/// configuration does not say it.
pub(super) const DEFAULT_MAXIMUM_PERCENT: u32 = 200;

/// The same of `deployment.minimum_healthy_percent`.
pub(super) const DEFAULT_MINIMUM_HEALTHY_PERCENT: u32 = 100;

/// What tasks run, as far as the model alone does not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs<'a> {
    /// The task definition of the configuration, which the plan may replace by the live one.
    pub(super) named: &'a Attr<String>,
    /// The snapshot that is gone back to.
    pub(super) target: &'a Target,
    /// All of it was live before, and takes the short way.
    pub(super) goes_back: bool,
}

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
///
/// Values are validated before: what the schema refuses cannot arrive here, and reads as unknown if it does.
pub(super) fn wanted(
    model: &Model,
    runs: Runs<'_>,
    intent: Intent,
    force: bool,
    default_tags: &tags::Tags,
) -> Option<Wanted> {
    let deployment = model.deployment.known()?;
    let configured = Strategy::of(deployment)?;
    let all_gates = gates::gates(model)?;
    let settings = settings(model, deployment, configured, &all_gates, default_tags)?;
    let (strategy, gates) = if runs.goes_back {
        (Strategy::AllAtOnce, short_way(all_gates))
    } else {
        (configured, all_gates)
    };
    let limit = limit(model, deployment, strategy, &gates, intent)?;
    Some(Wanted {
        service: service_ref(model)?,
        intent,
        controller: deployment::controller(model, deployment, strategy, runs.goes_back)?,
        revision: revision(model, runs)?,
        settings,
        this_rollout: match (runs.goes_back, Controller::of(model)?) {
            (true, Controller::Ecs) => Some(deployment::short_way(model, deployment, &gates)?),
            (false, Controller::Ecs) | (_, Controller::CodeDeploy | Controller::External) => None,
        },
        desired: desired(model)?,
        force,
        time_limit: limit,
        on_cancel: match model.on_cancel.as_deref() {
            Attr::Known("leave") => OnCancel::Leave,
            Attr::Known(_) | Attr::Null => OnCancel::Rollback,
            Attr::Unknown => return None,
        },
        on_foreign: match model.on_foreign_deployment.as_deref() {
            Attr::Known("stop") => OnForeign::Stop,
            Attr::Known(_) | Attr::Null => OnForeign::Wait,
            Attr::Unknown => return None,
        },
        steps: match strategy {
            Strategy::Steps => strategy::steps(deployment)?,
            Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => {
                Vec::new()
            }
        },
        gates,
        scaling: match deployment.autoscaling.as_deref() {
            Attr::Known("suspend") => ScalingDuring::SuspendAll,
            Attr::Known("suspend_scale_in") => ScalingDuring::SuspendIn,
            Attr::Known(_) | Attr::Null => ScalingDuring::Keep,
            Attr::Unknown => return None,
        },
        warn_only: warn_only(model)?,
        recovery_objective: match deployment.recovery_objective.as_deref() {
            Attr::Null => RECOVERY_OBJECTIVE,
            Attr::Unknown => return None,
            Attr::Known(text) => duration::parse(text).ok()?,
        },
        revision_retention: optional(&model.revision_retention, |n| u32::try_from(*n).ok())?,
    })
}

/// The gates that are asked on the short way: before traffic moves, and after the end.
fn short_way(mut gates: Gates) -> Gates {
    for gate in &mut gates.list {
        gate.when
            .retain(|when| matches!(when, When::BeforeTraffic | When::After));
    }
    gates.list.retain(|gate| !gate.when.is_empty());
    gates
}

/// Puts settings back to AWS's defaults that the configuration no longer has: leaving them out would leave
/// their old values in force, and the state would not say so.
pub(super) fn reset_removed(wanted: &mut Wanted, prior: &Model, planned: &Model) {
    fn reset<T, U>(setting: &mut Option<U>, prior: &Attr<T>, planned: &Attr<T>, default: U) {
        if prior.is_known() && planned.is_null() {
            *setting = Some(default);
        }
    }
    let settings = &mut wanted.settings;
    reset(
        &mut settings.health_check_grace_seconds,
        &prior.health_check_grace_period,
        &planned.health_check_grace_period,
        0,
    );
    let (Attr::Known(before), Attr::Known(after)) = (&prior.deployment, &planned.deployment) else {
        return;
    };
    let configuration = &mut settings.deployment_configuration;
    reset(
        &mut configuration.bake_minutes,
        &before.bake_time,
        &after.bake_time,
        0,
    );
    reset(
        &mut configuration.maximum_percent,
        &before.maximum_percent,
        &after.maximum_percent,
        DEFAULT_MAXIMUM_PERCENT,
    );
    reset(
        &mut configuration.minimum_healthy_percent,
        &before.minimum_healthy_percent,
        &after.minimum_healthy_percent,
        DEFAULT_MINIMUM_HEALTHY_PERCENT,
    );
}

/// The service the model names.
pub(super) fn service_ref(model: &Model) -> Option<ServiceRef> {
    Some(ServiceRef {
        cluster: model.cluster.known()?.clone(),
        name: model.name.known()?.clone(),
    })
}

/// How long a delete may take.
pub(super) fn delete_limit(model: &Model) -> Duration {
    let text = model
        .timeouts
        .known()
        .and_then(|timeouts| timeouts.delete.known());
    text.and_then(|text| duration::parse(text).ok())
        .unwrap_or(DELETE_LIMIT)
}

fn limit(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
    intent: Intent,
) -> Option<Duration> {
    let by_default = waits::default_limit(model, deployment, strategy, gates)?;
    let configured = match model.timeouts.as_ref() {
        Attr::Null => Attr::Null,
        Attr::Unknown => return None,
        Attr::Known(timeouts) => match intent {
            Intent::Create => timeouts.create.as_deref(),
            Intent::Update => timeouts.update.as_deref(),
        },
    };
    match configured {
        Attr::Null => Some(by_default),
        Attr::Unknown => None,
        Attr::Known(text) => duration::parse(text).ok(),
    }
}

fn revision(model: &Model, runs: Runs<'_>) -> Option<WantedRevision> {
    Some(WantedRevision {
        task_definition: task_definition(model, runs)?,
        launch: launch(model)?,
        // Unknown here means "not configured, AWS chooses": the plan stages made it so.
        platform_version: model.platform_version.known().cloned(),
        network: optional(&model.network_configuration, network)?,
        load_balancer: optional(&model.load_balancer, load_balancer)?,
    })
}

/// What the tasks run, by its owner.
fn task_definition(model: &Model, runs: Runs<'_>) -> Option<WantedTaskDefinition> {
    let text = |name: &String| Some(name.clone());
    match Owner::of(model)? {
        Owner::Terraform => model
            .task_definition
            .known()
            .cloned()
            .map(WantedTaskDefinition::Named),
        Owner::Images => Some(WantedTaskDefinition::Images {
            base: optional(runs.named, text)?,
            images: known_map(&model.images)?,
        }),
        Owner::External => Some(WantedTaskDefinition::Live {
            initial: optional(runs.named, text)?,
        }),
        Owner::Snapshot => Some(WantedTaskDefinition::Restored(
            runs.target.known()?.task_definition.clone(),
        )),
    }
}

fn warn_only(model: &Model) -> Option<BTreeSet<Rule>> {
    let ids = match &model.preflight {
        Attr::Null => return Some(BTreeSet::new()),
        Attr::Unknown => return None,
        Attr::Known(preflight) => known_set(&preflight.warn_only)?,
    };
    let rules = Rule::ALL.iter().filter(|rule| ids.contains(rule.id()));
    Some(rules.copied().collect())
}

fn launch(model: &Model) -> Option<Option<Launch>> {
    match model.capacity_provider_strategy.as_ref() {
        Attr::Unknown => None,
        Attr::Known(_) => {
            let items = whole_list(&model.capacity_provider_strategy)?.into_iter();
            let items = items.map(|item| {
                Some(CapacityProvider {
                    name: item.capacity_provider.known()?.clone(),
                    base: count(item.base, 0)?,
                    weight: count(item.weight, 1)?,
                })
            });
            Some(Some(Launch::Strategy(items.collect::<Option<_>>()?)))
        }
        Attr::Null => Some(model.launch_type.known().map(|word| {
            Launch::Type(match word.as_str() {
                "EC2" => LaunchType::Ec2,
                "EXTERNAL" => LaunchType::External,
                "FARGATE" => LaunchType::Fargate,
                other => LaunchType::Unknown(other.to_owned()),
            })
        })),
    }
}

fn network(model: &NetworkModel) -> Option<Network> {
    Some(Network {
        subnets: known_set(&model.subnets)?,
        // Unknown: AWS picks the VPC's default group.
        security_groups: known_set(&model.security_groups).unwrap_or_default(),
        assign_public_ip: model.assign_public_ip.known().copied().unwrap_or(false),
    })
}

fn load_balancer(model: &LoadBalancerModel) -> Option<WantedLoadBalancer> {
    Some(WantedLoadBalancer {
        container: model.container_name.known()?.clone(),
        port: u32::try_from(*model.container_port.known()?).ok()?,
        target_groups: known_set(&model.target_groups)?,
        production_rule: optional(&model.production_listener_rule, |text| Some(text.clone()))?,
        test_rule: optional(&model.test_listener_rule, |text| Some(text.clone()))?,
        role: optional(&model.role_arn, |text| Some(text.clone()))?,
    })
}

fn settings(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
    default_tags: &tags::Tags,
) -> Option<Settings> {
    let own = known_map(&model.tags)?;
    Some(Settings {
        deployment_configuration: deployment::configuration(model, deployment, strategy, gates)?,
        health_check_grace_seconds: optional(&model.health_check_grace_period, |text| {
            u32::try_from(duration::parse(text).ok()?.as_secs()).ok()
        })?,
        enable_execute_command: *model.enable_execute_command.known().unwrap_or(&false),
        enable_managed_tags: *model.enable_ecs_managed_tags.known().unwrap_or(&false),
        propagate_tags: match model.propagate_tags.as_deref() {
            Attr::Null | Attr::Known("NONE") => PropagateTags::None,
            Attr::Known("SERVICE") => PropagateTags::Service,
            Attr::Known("TASK_DEFINITION") => PropagateTags::TaskDefinition,
            Attr::Known(other) => PropagateTags::Unknown(other.to_owned()),
            Attr::Unknown => return None,
        },
        tags: tags::merged(default_tags, &own),
    })
}

fn desired(model: &Model) -> Option<Desired> {
    let number = count(model.desired_count, 1)?;
    match model.desired_count_owner.as_deref() {
        Attr::Known("autoscaler") => Some(Desired::Initial(number)),
        Attr::Known("bounded") => {
            let bounds = model.desired_count_bounds.known()?;
            Some(Desired::Bounded {
                initial: number,
                min: count(bounds.min, 0)?,
                max: count(bounds.max, 0)?,
            })
        }
        Attr::Known(_) | Attr::Null => Some(Desired::Fixed(number)),
        Attr::Unknown => None,
    }
}

fn count(number: Attr<i64>, default: u32) -> Option<u32> {
    match number {
        Attr::Null => Some(default),
        Attr::Unknown => None,
        Attr::Known(number) => u32::try_from(number).ok(),
    }
}

/// `Some(None)` for null, `None` for unknown.
fn optional<T, U>(value: &Attr<T>, read: impl FnOnce(&T) -> Option<U>) -> Option<Option<U>> {
    match value {
        Attr::Null => Some(None),
        Attr::Unknown => None,
        Attr::Known(value) => read(value).map(Some),
    }
}
