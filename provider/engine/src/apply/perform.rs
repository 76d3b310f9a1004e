//! Carries one step out.

mod answer;
mod creation;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use answer::Performed;
use answer::{classify, continue_answer, failed, impossible, scaling_answer, sort, stop_answer};
use creation::{additional_load_balancers, initial_load_balancers, new_service, routed_group};
use jiff::Timestamp;
use switchyard_rollout::{Effect, RolloutStep, ScalingEffect, SideStep};

use super::compare::{
    load_balancers, parts_to_send, revision_difference, settings_change, this_rollout,
    with_one_kind_of_balancer,
};
use super::sides;
use super::{scaling, switching};
use crate::app_spec::{self, app_spec};
use crate::desired::DesiredController;
use crate::failure::{Early, What, stands_at};
use crate::goal::Goal;
use crate::lost_traffic::Stray;
use crate::notes::{DEPLOYING_TAG, WATCHING_TAG};
use crate::observe::configured;
use crate::ports::{
    ContinueAction, Controller, DeploymentWait, Error, NewCodeDeployDeployment, Parts, Service,
    ServiceChange, ServiceDeployment,
};
use crate::sighting::Sighting;
use crate::under_way::stop_native;
use crate::watch_note::WatchNote;

/// Carries `step` out. `refused_since` is when AWS began to refuse it.
pub(crate) async fn perform(
    goal: &Goal<'_>,
    seen: &Sighting,
    step: &Effect,
    refused_since: Option<Timestamp>,
) -> Performed {
    match (step, &seen.service) {
        (Effect::Create, _) => create(goal, refused_since).await,
        (_, None) => Performed::Gone,
        (Effect::Adjust, Some(service)) => {
            let adjusted = adjust(goal, service).await;
            classify(goal, adjusted.map(|()| None), refused_since)
        }
        (Effect::StartRollout, Some(service)) => start(goal, seen, service, refused_since).await,
        (Effect::Rollout(step), Some(service)) => {
            of_rollout(goal, seen, service, step, refused_since).await
        }
        (Effect::Side(side), Some(service)) => {
            if *side == SideStep::Create {
                if let Some(wait) = scaling_unready(goal, service).await {
                    return wait;
                }
                if let Some(wait) = unwatched(goal, seen, service).await {
                    return wait;
                }
            }
            let answer = of_sides(goal, service, side).await;
            under_way(seen, step, classify(goal, answer, refused_since))
        }
        (Effect::Scaling(ScalingEffect::Suspend), Some(service)) => {
            scaling_answer(scaling::suspend(goal, service).await)
        }
        (Effect::Scaling(ScalingEffect::Resume), Some(service)) => {
            scaling_answer(scaling::resume(goal, service).await.map(|()| true))
        }
        (Effect::PrepareRoutes, Some(service)) => {
            let prepared = switching::prepare_routes(goal, service).await;
            classify(goal, prepared.map(|()| None), refused_since)
        }
        (Effect::ReturnTraffic, Some(_)) => match &seen.lost {
            None => Performed::Gone,
            Some(lost) => return_traffic(goal, lost, refused_since).await,
        },
        (Effect::SwitchController, Some(service)) => {
            switch(goal, seen, service, refused_since).await
        }
    }
}

/// One CreateService.
async fn create(goal: &Goal<'_>, refused_since: Option<Timestamp>) -> Performed {
    let balancers = match &goal.wanted.revision.load_balancer {
        _ if goal.wanted.controller == DesiredController::External => Vec::new(),
        Some(balancer) => {
            let mut all = initial_load_balancers(goal, balancer).await;
            all.extend(additional_load_balancers(goal, &BTreeSet::new()).await);
            all
        }
        None => Vec::new(),
    };
    let created = goal
        .ports
        .services
        .create_service(&new_service(goal, balancers))
        .await;
    classify(goal, created.map(|_| None), refused_since)
}

/// A rollout that AWS carries out is let go on, or stopped.
async fn of_rollout(
    goal: &Goal<'_>,
    seen: &Sighting,
    service: &Service,
    step: &RolloutStep,
    refused_since: Option<Timestamp>,
) -> Performed {
    match step {
        RolloutStep::Continue { deployment, hold } => {
            let continued = match goal.wanted.controller {
                DesiredController::CodeDeploy { .. } => {
                    let code_deploy = &goal.ports.code_deploy;
                    let wait = DeploymentWait::Ready;
                    code_deploy.continue_deployment(deployment, wait).await
                }
                DesiredController::Ecs => {
                    let services = &goal.ports.services;
                    let action = ContinueAction::Continue;
                    services.continue_deployment(deployment, hold, action).await
                }
                DesiredController::External => return impossible(goal, "ContinueRollout"),
            };
            let performed = continue_answer(goal, continued, refused_since);
            under_way(seen, &Effect::Rollout(step.clone()), performed)
        }
        RolloutStep::Stop {
            deployment,
            roll_back,
        } => {
            // What was begun under an earlier controller is stopped there.
            let stopped = match service.controller {
                Controller::Ecs => stop_followed(goal, seen, deployment, *roll_back).await,
                Controller::CodeDeploy => {
                    let code_deploy = &goal.ports.code_deploy;
                    code_deploy.stop_deployment(deployment, *roll_back).await
                }
                Controller::External | Controller::Unknown(_) => {
                    return impossible(goal, "StopRollout");
                }
            };
            stop_answer(stopped)
        }
    }
}

async fn stop_followed(
    goal: &Goal<'_>,
    seen: &Sighting,
    deployment: &str,
    roll_back: bool,
) -> Result<(), Error> {
    let held = seen.deployment.as_ref();
    let held = held.filter(|found| found.arn == deployment);
    let pause = held.and_then(ServiceDeployment::awaiting);
    stop_native(goal.ports, deployment, roll_back, pause).await
}

async fn return_traffic(
    goal: &Goal<'_>,
    lost: &Stray,
    refused_since: Option<Timestamp>,
) -> Performed {
    let routing = &goal.ports.routing;
    let answer = routing.set_forward(&lost.route, &lost.returned()).await;
    match sort(goal, answer.map(|()| None), refused_since) {
        Ok(performed) => performed,
        Err(refused) => {
            let lost = lost.clone();
            failed(goal, What::TrafficNotReturned { lost, refused })
        }
    }
}

/// Starts the rollout; scaling that is to be suspended meanwhile is so for certain.
async fn start(
    goal: &Goal<'_>,
    seen: &Sighting,
    service: &Service,
    refused_since: Option<Timestamp>,
) -> Performed {
    if let Some(wait) = scaling_unready(goal, service).await {
        return wait;
    }
    match &goal.wanted.controller {
        DesiredController::External => impossible(goal, "StartRollout"),
        DesiredController::Ecs => {
            if let Some(wait) = unnoted(goal, seen, service).await {
                return wait;
            }
            classify(goal, update(goal, seen, service).await, refused_since)
        }
        DesiredController::CodeDeploy {
            application,
            group,
            config,
            hooks,
            rollback_events,
            alarms,
        } => {
            if let Some(unfit) = unfit_group(goal, application, group, refused_since).await {
                return unfit;
            }
            if let Some(wait) = unwatched(goal, seen, service).await {
                return wait;
            }
            let new = NewCodeDeployDeployment {
                application: application.clone(),
                group: group.clone(),
                config: config.clone(),
                app_spec: app_spec(&goal.wanted.revision, &goal.task_definition, hooks),
                rollback_events: rollback_events.clone(),
                alarms: alarms.clone(),
                description: format!(
                    "{}{}",
                    app_spec::SIGNED,
                    app_spec::short_name(&goal.task_definition)
                ),
            };
            let created = goal.ports.code_deploy.create_deployment(&new).await;
            classify(goal, created.map(Some), refused_since)
        }
    }
}

/// An error worth waiting for before the rollout starts; a refusal is not.
async fn scaling_unready(goal: &Goal<'_>, service: &Service) -> Option<Performed> {
    let error = scaling::ensure_suspended(goal, service).await.err()?;
    if error.kind.is_transient() {
        return Some(Performed::NotYet(error));
    }
    tracing::warn!(error = %error, "automatic scaling could not be suspended; the deployment continues without it");
    None
}

/// Leaves the note that the rollout about to start is ours ([`DEPLOYING_TAG`]). An error worth waiting for; where
/// AWS refuses the note, the rollout goes on without, and counts as somebody else's when it is left behind.
async fn unnoted(goal: &Goal<'_>, seen: &Sighting, service: &Service) -> Option<Performed> {
    let note = app_spec::short_name(&goal.task_definition).to_owned();
    let mut notes = BTreeMap::from([(DEPLOYING_TAG.to_owned(), note)]);
    notes.extend(watched(goal, seen));
    written(goal, service, notes).await
}

/// Leaves the note that a gate may take the rollout back after its end ([`WATCHING_TAG`]), where one may.
async fn unwatched(goal: &Goal<'_>, seen: &Sighting, service: &Service) -> Option<Performed> {
    let notes = watched(goal, seen).into_iter().collect();
    written(goal, service, notes).await
}

/// What is live now and may be live again.
fn watched(goal: &Goal<'_>, seen: &Sighting) -> Option<(String, String)> {
    if !goal.wanted.gates.may_go_back() {
        return None;
    }
    let live = seen.live.as_ref().or(seen.before.as_ref())?;
    let note = WatchNote {
        from: app_spec::short_name(live.task_definition.as_deref()?).to_owned(),
        to: app_spec::short_name(&goal.task_definition).to_owned(),
    };
    // The same again: what an earlier note says stays, and without one there is nothing to go back to.
    (note.from != note.to).then(|| (WATCHING_TAG.to_owned(), note.to_string()))
}

/// Writes notes, where they are not there already.
async fn written(
    goal: &Goal<'_>,
    service: &Service,
    mut notes: BTreeMap<String, String>,
) -> Option<Performed> {
    notes.retain(|key, value| service.tags.get(key) != Some(value));
    if notes.is_empty() {
        return None;
    }
    let services = &goal.ports.services;
    let noted = services
        .change_tags(&service.arn, &notes, &BTreeSet::new())
        .await;
    match noted {
        Ok(()) => None,
        Err(error) if error.kind.is_transient() => Some(Performed::NotYet(error)),
        Err(error) => {
            tracing::warn!(error = %error, "the deployment could not be recorded in the service's tags; it \
                                            continues without them");
            None
        }
    }
}

/// One UpdateService that changes the controller.
async fn switch(
    goal: &Goal<'_>,
    seen: &Sighting,
    service: &Service,
    refused_since: Option<Timestamp>,
) -> Performed {
    if let Some(wait) = scaling_unready(goal, service).await {
        return wait;
    }
    let live = seen
        .live
        .as_ref()
        .and_then(|live| live.live_target_group.as_deref());
    // ECS begins a rollout with it.
    if goal.wanted.controller == DesiredController::Ecs
        && let Some(wait) = unnoted(goal, seen, service).await
    {
        return wait;
    }
    let additional = match goal.wanted.controller {
        DesiredController::Ecs => additional_load_balancers(goal, &BTreeSet::new()).await,
        DesiredController::CodeDeploy { .. } | DesiredController::External => Vec::new(),
    };
    let change = switching::change(goal, service, live, additional);
    let services = &goal.ports.services;
    let switched = services.update_service(&goal.wanted.service, &change).await;
    classify(goal, switched.map(|_| None), refused_since)
}

/// The id of the task set that was created, if one was.
async fn of_sides(
    goal: &Goal<'_>,
    service: &Service,
    step: &SideStep,
) -> Result<Option<String>, Error> {
    let done = match step {
        SideStep::Create => return sides::create(goal, service).await.map(Some),
        SideStep::Promote { side } => sides::promote(goal, side).await,
        SideStep::Remove { side } => sides::remove(goal, service, side).await,
        SideStep::Shift { side, share } => sides::shift(goal, service, side, *share).await,
        SideStep::ShiftTest { side } => sides::shift_test(goal, service, side).await,
    };
    done.map(|()| None)
}

/// What AWS refuses for good in the middle of a rollout leaves it where it is: that is told instead of what
/// is true before one.
fn under_way(seen: &Sighting, step: &Effect, performed: Performed) -> Performed {
    match performed {
        Performed::Failed(failure) => {
            Performed::Failed(Box::new(failure.leaving(stands_at(seen, step))))
        }
        other => other,
    }
}

/// Settings, then tags. Each call repeats without harm.
async fn adjust(goal: &Goal<'_>, service: &Service) -> Result<(), Error> {
    if let Some(change) = settings_change(goal.wanted, service, goal.started_at) {
        goal.ports
            .services
            .update_service(&goal.wanted.service, &change)
            .await?;
    }
    let tags = goal.wanted.settings.tags.change(&service.tags);
    if !tags.is_empty() {
        goal.ports
            .services
            .change_tags(&service.arn, &tags.set, &tags.remove)
            .await?;
    }
    Ok(())
}

/// One UpdateService with the revision and every setting that differs.
async fn update(
    goal: &Goal<'_>,
    seen: &Sighting,
    service: &Service,
) -> Result<Option<String>, Error> {
    let wanted = goal.wanted;
    let as_configured = configured(service);
    let platform = service.platform_version.as_deref();
    let live = seen.live.as_ref().unwrap_or(&as_configured);
    let from_live = revision_difference(wanted, &goal.task_definition, live, platform);
    let from_service = revision_difference(wanted, &goal.task_definition, &as_configured, platform);
    let mut balancers = match (
        &wanted.revision.load_balancer,
        from_live.load_balancer || from_service.load_balancer,
    ) {
        (_, false) => None,
        (None, true) => Some(Vec::new()),
        (Some(balancer), true) => {
            let group = match &live.live_target_group {
                Some(group) => Some(group.clone()),
                None => routed_group(goal, balancer).await,
            };
            Some(load_balancers(balancer, group.as_deref()))
        }
    };
    let revision = &wanted.revision;
    if let Some(balancers) = &mut balancers {
        balancers.extend(additional_load_balancers(goal, &live.live_target_groups).await);
    }
    let mut parts = parts_to_send(&revision.parts, |_| true, &live.parts);
    parts.extend(parts_to_send(
        &revision.parts,
        |part| wanted.rewritten.contains(&part),
        &Parts::new(),
    ));
    parts.extend(parts_to_send(
        &revision.parts,
        |_| true,
        &as_configured.parts,
    ));
    let settings = settings_change(wanted, service, goal.started_at).unwrap_or_default();
    parts.extend(settings.parts.clone());
    let mut change = ServiceChange {
        task_definition: Some(goal.task_definition.clone()),
        launch: revision.launch.clone().filter(|launch| {
            from_live.launch || from_service.launch || launch.is_none_of_its_own()
        }),
        platform_version: revision
            .platform_version
            .clone()
            .filter(|_| from_service.platform_version),
        network: revision
            .network
            .clone()
            .filter(|_| from_live.network || from_service.network),
        load_balancers: balancers,
        // Without a visible difference, and when the kind of capacity changes, AWS starts a rollout only by force.
        force_new_deployment: wanted.force || from_service.launch || !from_service.any(),
        parts,
        ..settings
    };
    if let Some(only_now) = this_rollout(wanted, service) {
        change.deployment_configuration = Some(only_now);
    }
    let change = with_one_kind_of_balancer(change);
    let before = service.current_deployment.clone();
    let updated = goal
        .ports
        .services
        .update_service(&wanted.service, &change)
        .await?;
    Ok(updated
        .current_deployment
        .filter(|started| Some(started) != before.as_ref()))
}

/// Why the deployment group takes no deployment to this service. An AppSpec does not name its service: the group alone
/// decides what is deployed to.
async fn unfit_group(
    goal: &Goal<'_>,
    application: &str,
    group: &str,
    refused_since: Option<Timestamp>,
) -> Option<Performed> {
    let service = &goal.wanted.service;
    let code_deploy = &goal.ports.code_deploy;
    let unfit = match code_deploy.find_group(application, group).await {
        Ok(Some(found)) if !found.deploys(service) => Early::GroupElsewhere {
            group: found.name,
            service: found.service,
            cluster: found.cluster,
        },
        Ok(Some(_)) => return None,
        Ok(None) => Early::GroupMissing {
            application: application.to_owned(),
            group: group.to_owned(),
        },
        Err(error) if error.kind.is_transient() => return Some(Performed::NotYet(error)),
        Err(error) => return Some(classify(goal, Err(error), refused_since)),
    };
    Some(failed(goal, What::Early(unfit)))
}
