//! From the model to what the engine is asked for.

pub(super) mod approvals;
mod deployment;
mod hooks;
mod values;

use std::collections::BTreeSet;
use std::time::Duration;

use switchyard_engine::gate::Gates;
use switchyard_engine::ports::{
    CapacityProvider, ClassicBalancer, DeploymentConfiguration, Launch, Network, Part, ServiceRef,
};
use switchyard_engine::{
    DesiredCount, DesiredLoadBalancer, DesiredRevision, DesiredService, DesiredTaskDefinition,
    Intent, Rule, Settings,
};
use tfplugin::value::Attr;

pub(super) use approvals::approvals;
pub(super) use deployment::{code_deploy_hooks, steps_strategy};
pub(super) use hooks::{approval_stages, lambda_hooks, own_pauses};

use self::values::{own, short_way, whole};
use super::model::{
    CapacityProviderModel, DeploymentModel, List, LoadBalancerModel, Model, NetworkModel,
    known_map, known_set, or_default, whole_list,
};
use super::owner::TaskDefinitionOwner;
use super::restore::Target;
use super::strategy::{ControllerChoice, Strategy, steps};
use super::words::{CountOwnerWord, SchedulingWord};
use super::{gates, parts, waits};
use crate::tags::Tagging;
use crate::{duration, names};

/// The default of `timeouts.delete`.
const DELETE_LIMIT: Duration = Duration::from_secs(20 * 60);

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
    tagging: &Tagging,
) -> Option<DesiredService> {
    let deployment = model.deployment.known()?;
    let configured = Strategy::of(deployment)?;
    let all_gates = gates::gates(model)?;
    let settings = settings(model, deployment, configured, &all_gates, tagging)?;
    let (strategy, gates) = if runs.goes_back {
        (Strategy::AllAtOnce, short_way(all_gates))
    } else {
        (configured, all_gates)
    };
    let limit = limit(model, deployment, strategy, &gates, intent)?;
    let (default, rollout) = (Model::defaults(), DeploymentModel::defaults());
    Some(DesiredService {
        service: service_ref(model)?,
        intent,
        controller: deployment::controller(model, deployment, strategy, runs.goes_back)?,
        revision: revision(model, runs)?,
        settings,
        this_rollout: match (runs.goes_back, ControllerChoice::of(model)?) {
            (true, ControllerChoice::Ecs) => {
                Some(deployment::short_way(model, deployment, &gates)?)
            }
            (false, ControllerChoice::Ecs)
            | (_, ControllerChoice::CodeDeploy | ControllerChoice::External) => None,
        },
        desired: desired(model)?,
        force,
        rewritten: BTreeSet::new(),
        time_limit: limit,
        on_cancel: or_default(&model.on_cancel, &default.on_cancel)?.engine()?,
        on_foreign: or_default(&model.on_foreign_deployment, &default.on_foreign_deployment)?
            .engine()?,
        steps: match strategy {
            Strategy::Steps => steps(deployment)?,
            Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => {
                Vec::new()
            }
        },
        approvals: match runs.goes_back {
            true => BTreeSet::new(),
            false => approval_stages(deployment, strategy)?,
        },
        gates,
        scaling: or_default(&deployment.autoscaling, &rollout.autoscaling)?.engine()?,
        warn_only: warn_only(model)?,
        recovery_objective: duration::parse(or_default(
            &deployment.recovery_objective,
            &rollout.recovery_objective,
        )?)
        .ok()?,
        revision_retention: model.revision_retention.settled(whole)?,
        refuses_failed_images: true,
    })
}

/// Puts settings back to AWS's defaults that the configuration no longer has: leaving them out would leave
/// their old values in force, and the state would not say so. `drops_capacity` takes the capacity provider strategy away.
pub(super) fn reset_removed(
    wanted: &mut DesiredService,
    prior: &Model,
    planned: &Model,
    drops_capacity: bool,
) {
    fn reset<T, U>(setting: &mut Option<U>, prior: &Attr<T>, planned: &Attr<T>, default: U) {
        if prior.is_known() && planned.is_null() {
            *setting = Some(default);
        }
    }
    if drops_capacity {
        wanted.force = true;
        let launch = &mut wanted.revision.launch;
        *launch = launch.take().or(Some(Launch::Strategy(Vec::new())));
    }
    parts::reset(
        &mut wanted.revision.parts,
        &prior.parts,
        &planned.parts,
        true,
    );
    let had_classic = classic(prior).flatten().is_some();
    if had_classic && classic(planned) == Some(None) {
        let nothing = Part::ClassicBalancer.nothing();
        let parts = &mut wanted.revision.parts;
        parts.extend(nothing.map(|nothing| (Part::ClassicBalancer, nothing)));
    }
    let settings = &mut wanted.settings;
    parts::reset(&mut settings.parts, &prior.parts, &planned.parts, false);
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

/// How ECS deploys by a model; `None` while something of it is unknown.
pub(super) fn deployment_configuration(model: &Model) -> Option<DeploymentConfiguration> {
    let deployment = model.deployment.known()?;
    let (strategy, gates) = (Strategy::of(deployment)?, gates::gates(model)?);
    deployment::configuration(model, deployment, strategy, &gates)
}

/// The service the model names.
pub(super) fn service_ref(model: &Model) -> Option<ServiceRef> {
    names::service_ref(&model.cluster, &model.name)
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

fn revision(model: &Model, runs: Runs<'_>) -> Option<DesiredRevision> {
    Some(DesiredRevision {
        task_definition: task_definition(model, runs)?,
        launch: launch(model)?,
        // Unknown here means "not configured, AWS chooses": the plan stages made it so.
        platform_version: model.platform_version.known().cloned(),
        network: model.network_configuration.settled(network)?,
        load_balancer: match classic(model)? {
            Some(_) => None,
            None => model.load_balancer.settled(load_balancer)?,
        },
        additional: parts::additional(&model.parts)?,
        parts: {
            let mut parts = parts::wanted(&model.parts, true)?;
            let classic = classic(model)?.map(|classic| classic.part());
            parts.extend(classic.map(|part| (Part::ClassicBalancer, part)));
            parts
        },
    })
}

/// The Classic Load Balancer, if it is one; `None` while that is not known.
fn classic(model: &Model) -> Option<Option<ClassicBalancer>> {
    let balancer = match model.load_balancer.as_ref() {
        Attr::Null => return Some(None),
        Attr::Unknown => return None,
        Attr::Known(balancer) => balancer,
    };
    Some(match balancer.elb_name.as_ref() {
        Attr::Null => None,
        Attr::Unknown => return None,
        Attr::Known(name) => Some(ClassicBalancer {
            name: name.clone(),
            container: balancer.container_name.known()?.clone(),
            port: u32::try_from(*balancer.container_port.known()?).ok()?,
        }),
    })
}

/// What the tasks run, by its owner.
fn task_definition(model: &Model, runs: Runs<'_>) -> Option<DesiredTaskDefinition> {
    match TaskDefinitionOwner::of(model)? {
        TaskDefinitionOwner::Terraform => model
            .task_definition
            .known()
            .cloned()
            .map(DesiredTaskDefinition::Named),
        TaskDefinitionOwner::Images => Some(DesiredTaskDefinition::Images {
            base: runs.named.settled(own)?,
            images: known_map(&model.images)?,
        }),
        TaskDefinitionOwner::External => Some(DesiredTaskDefinition::Live {
            initial: runs.named.settled(own)?,
        }),
        TaskDefinitionOwner::Snapshot => Some(DesiredTaskDefinition::Restored(
            runs.target.known()?.task_definition.clone(),
        )),
    }
}

/// Rules whose findings are warnings; `None` while they are not known.
pub(super) fn warn_only(model: &Model) -> Option<BTreeSet<Rule>> {
    let ids = model.preflight.settled(|it| known_set(&it.warn_only))?;
    let ids = ids.unwrap_or_default();
    let rules = Rule::ALL.iter().filter(|rule| ids.contains(rule.id()));
    Some(rules.copied().collect())
}

pub(super) fn launch(model: &Model) -> Option<Option<Launch>> {
    match model.capacity_provider_strategy.as_ref() {
        Attr::Unknown => None,
        Attr::Known(_) => {
            let items = strategy(&model.capacity_provider_strategy)?;
            Some(Some(Launch::Strategy(items)))
        }
        Attr::Null => {
            let word = model.launch_type.known();
            Some(word.map(|word| Launch::Type(word.engine())))
        }
    }
}

/// A capacity provider strategy, once all of it is known.
pub(crate) fn strategy(list: &List<CapacityProviderModel>) -> Option<Vec<CapacityProvider>> {
    let default = CapacityProviderModel::defaults();
    let items = whole_list(list)?.into_iter().map(|item| {
        Some(CapacityProvider {
            name: item.capacity_provider.known()?.clone(),
            base: whole(or_default(&item.base, &default.base)?)?,
            weight: whole(or_default(&item.weight, &default.weight)?)?,
        })
    });
    items.collect()
}

pub(super) fn network(model: &NetworkModel) -> Option<Network> {
    Some(Network {
        subnets: known_set(&model.subnets)?,
        // Unknown: AWS picks the VPC's default group.
        security_groups: known_set(&model.security_groups).unwrap_or_default(),
        assign_public_ip: *or_default(
            &model.assign_public_ip,
            &NetworkModel::defaults().assign_public_ip,
        )?,
    })
}

pub(super) fn load_balancer(model: &LoadBalancerModel) -> Option<DesiredLoadBalancer> {
    Some(DesiredLoadBalancer {
        container: model.container_name.known()?.clone(),
        port: u32::try_from(*model.container_port.known()?).ok()?,
        target_groups: known_set(&model.target_groups)?,
        production_rule: model.production_listener_rule.settled(own)?,
        test_rule: model.test_listener_rule.settled(own)?,
        role: model.role_arn.settled(own)?,
    })
}

fn settings(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
    tagging: &Tagging,
) -> Option<Settings> {
    let own = known_map(&model.tags)?;
    let default = Model::defaults();
    Some(Settings {
        deployment_configuration: deployment::configuration(model, deployment, strategy, gates)?,
        health_check_grace_seconds: model
            .health_check_grace_period
            .settled(|text| u32::try_from(duration::parse(text).ok()?.as_secs()).ok())?,
        enable_execute_command: *or_default(
            &model.enable_execute_command,
            &default.enable_execute_command,
        )?,
        enable_managed_tags: *or_default(
            &model.enable_ecs_managed_tags,
            &default.enable_ecs_managed_tags,
        )?,
        propagate_tags: or_default(&model.propagate_tags, &default.propagate_tags)?.engine(),
        parts: parts::wanted(&model.parts, false)?,
        tags: tagging.wanted(&own),
    })
}

fn desired(model: &Model) -> Option<DesiredCount> {
    let default = Model::defaults();
    if model.parts.scheduling_strategy == Attr::Known(SchedulingWord::Daemon) {
        // The instances decide: no number is ever sent, and an import records none.
        return Some(DesiredCount::Initial(1));
    }
    let number = whole(model.desired_count.known()?)?;
    match or_default(&model.desired_count_owner, &default.desired_count_owner)? {
        CountOwnerWord::Terraform => Some(DesiredCount::Fixed(number)),
        CountOwnerWord::Autoscaler => Some(DesiredCount::Initial(number)),
        CountOwnerWord::Bounded => {
            let bounds = model.desired_count_bounds.known()?;
            Some(DesiredCount::Bounded {
                initial: number,
                min: whole(bounds.min.known()?)?,
                max: whole(bounds.max.known()?)?,
            })
        }
        CountOwnerWord::Unknown(_) => None,
    }
}
