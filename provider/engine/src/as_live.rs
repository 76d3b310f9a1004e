//! A live service as a wish: everything as it is, but for the task definition.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::desired::{
    DesiredController, DesiredCount, DesiredLoadBalancer, DesiredRevision, DesiredService,
    DesiredTaskDefinition, Intent, OnCancel, OnForeign, ScalingDuring, Settings,
};
use crate::gate::Gates;
use crate::live::{Live, LiveRevision};
use crate::ports::{
    Controller, DeploymentConfiguration, HookTarget, LifecycleHook, LifecycleStage, Parts,
    ServiceRef, Strategy,
};

/// How long going back may take: tasks start, and drain.
const TIME_LIMIT: Duration = Duration::from_secs(60 * 60);

/// How long it may take until it is told as slow.
const OBJECTIVE: Duration = Duration::from_secs(5 * 60);

/// What an apply would be asked for that changes nothing of the service but its task definition, and deploys that all at
/// once, without a bake time and without asking anybody: for who goes back and has no configuration at hand. `None` where
/// AWS does not show everything that a deployment needs: under CodeDeploy and where an apply moves the traffic.
///
/// When it is cancelled, what AWS has begun continues.
pub fn as_live(live: &Live, task_definition: &str) -> Option<DesiredService> {
    match live.service.controller {
        Controller::Ecs => {}
        Controller::CodeDeploy | Controller::External | Controller::Unknown(_) => return None,
    }
    let wanted = DesiredTaskDefinition::Restored(task_definition.to_owned());
    let configuration = live.service.deployment_configuration.as_ref()?;
    let this_rollout = at_once(configuration);
    let wanted = as_it_is(live, wanted, DesiredController::Ecs)?;
    Some(DesiredService {
        this_rollout,
        ..wanted
    })
}

/// What an apply would be asked for that deploys this task definition and changes nothing else, under this controller: for
/// who checks whether that would work. `None` where AWS does not show how the service is deployed.
pub fn as_it_is(
    live: &Live,
    task_definition: DesiredTaskDefinition,
    controller: DesiredController,
) -> Option<DesiredService> {
    let service = &live.service;
    let configuration = service.deployment_configuration.clone()?;
    let of_service = |revision: bool| -> Parts {
        let parts = service.parts.iter();
        let fit = parts.filter(|(part, _)| part.is_of_revision() == revision);
        fit.map(|(part, value)| (*part, value.clone())).collect()
    };
    Some(DesiredService {
        service: ServiceRef {
            cluster: service.cluster_arn.clone(),
            name: service.name.clone(),
        },
        intent: Intent::Update,
        controller,
        revision: DesiredRevision {
            task_definition,
            launch: live.revision.launch.clone(),
            platform_version: service.platform_version.clone(),
            network: live.revision.network.clone(),
            load_balancer: load_balancer(&live.revision),
            additional: live.revision.additional.clone(),
            parts: live.revision.parts.clone(),
        },
        this_rollout: None,
        settings: Settings {
            deployment_configuration: configuration,
            health_check_grace_seconds: service.health_check_grace_seconds,
            enable_execute_command: service.enable_execute_command,
            enable_managed_tags: service.enable_managed_tags,
            propagate_tags: service.propagate_tags.clone(),
            parts: of_service(false),
            tags: service.tags.clone().into(),
        },
        desired: DesiredCount::Initial(service.desired),
        force: false,
        rewritten: Default::default(),
        time_limit: TIME_LIMIT,
        on_cancel: OnCancel::Leave,
        on_foreign: OnForeign::Wait,
        steps: Vec::new(),
        approvals: Default::default(),
        gates: Gates::default(),
        scaling: ScalingDuring::Keep,
        warn_only: Default::default(),
        recovery_objective: OBJECTIVE,
        revision_retention: None,
        refuses_failed_images: false,
    })
}

/// The same, but deployed as the service is configured: with its strategy, its bake time, and its hooks. Where one of them
/// pauses, a person approves. It is rolled back when it is cancelled. `task_definition` is an ARN or `family:revision`.
pub(crate) fn as_configured(live: &Live, task_definition: &str) -> Option<DesiredService> {
    let wish = as_live(live, task_definition)?;
    let named = DesiredTaskDefinition::Named(task_definition.to_owned());
    Some(DesiredService {
        revision: DesiredRevision {
            task_definition: named,
            ..wish.revision
        },
        approvals: pauses(&wish.settings.deployment_configuration),
        this_rollout: None,
        on_cancel: OnCancel::Rollback,
        ..wish
    })
}

/// Stages at which a deployment waits for somebody.
fn pauses(configured: &DeploymentConfiguration) -> BTreeSet<LifecycleStage> {
    let hooks = configured.hooks.iter().flatten();
    let pauses = hooks.filter(|hook: &&LifecycleHook| hook.target == HookTarget::Pause);
    pauses
        .flat_map(|hook| hook.stages.iter().cloned())
        .collect()
}

pub(crate) fn load_balancer(live: &LiveRevision) -> Option<DesiredLoadBalancer> {
    Some(DesiredLoadBalancer {
        container: live.container.clone()?,
        port: live.port?,
        target_groups: live.target_groups.clone(),
        production_rule: live.production_rule.clone(),
        test_rule: live.test_rule.clone(),
        role: live.role.clone(),
    })
}

/// The quickest way that the service's sides allow; a rolling deployment has only one way.
fn at_once(configured: &DeploymentConfiguration) -> Option<DeploymentConfiguration> {
    match configured.strategy {
        Strategy::BlueGreen | Strategy::Canary { .. } | Strategy::Linear { .. } => {}
        Strategy::Rolling | Strategy::Unknown(_) => return None,
    }
    let unattended = |hooks: &Vec<_>| {
        let hooks = hooks.iter();
        // Nobody is asked whether to go back.
        let kept = hooks.filter(|hook: &&LifecycleHook| hook.target != HookTarget::Pause);
        kept.cloned().collect()
    };
    Some(DeploymentConfiguration {
        strategy: Strategy::BlueGreen,
        bake_minutes: Some(0),
        hooks: Some(
            configured
                .hooks
                .as_ref()
                .map(unattended)
                .unwrap_or_default(),
        ),
        ..configured.clone()
    })
}
