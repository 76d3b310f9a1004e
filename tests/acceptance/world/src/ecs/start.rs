//! How a deployment begins: a revision, a pool for it, and where its traffic will come from.

use super::deployment::{DeploymentStatus, Route, ServiceDeployment, Watch};
use super::pool::{Binding, Pool, SCHEDULER};
use super::revision::Revision;
use super::service::Service;
use super::settings::LoadBalancer;
use super::strategy::Strategy;
use super::task_sets::TaskSet;
use crate::elbv2;
use crate::state::State as World;

/// Starts a deployment of the service's settings; one under way is stopped by it.
pub(super) fn begin(state: &mut World, service: &mut Service) {
    let configuration = service.settings.deployment().unwrap_or_default();
    let live = live_pool(service);
    supersede(service);
    let shifting = matches!(configuration.shifts(), Strategy::Shifting { .. });
    let routes = if shifting {
        routes(state, service, live.as_deref())
    } else {
        Vec::new()
    };
    let bindings = bindings(service, &routes);
    let resolved = service
        .settings
        .load_balancers()
        .iter()
        .zip(&bindings)
        .map(|(balancer, binding)| {
            let rule = balancer
                .advanced_configuration
                .as_ref()
                .and_then(|advanced| advanced.production_listener_rule.clone());
            (binding.group.clone(), rule)
        })
        .collect();
    let revision = Revision::new(state, service, &service.settings, resolved);
    let number = state.ids.digits(19);
    let mut pool = Pool::new(
        format!("ecs-svc/{number}"),
        service.settings.clone(),
        bindings,
        state.now,
    );
    pool.revision = Some(revision.arn.clone());
    pool.resets = configuration
        .deployment_circuit_breaker
        .reset_on_healthy_task
        .unwrap_or(true);
    let mut sources: Vec<(String, String)> = service
        .pools
        .iter()
        .filter(|pool| pool.desired > 0 || !pool.tasks.is_empty())
        .filter_map(|pool| Some((pool.id.clone(), pool.revision.clone()?)))
        .collect();
    sources.sort_by_key(|(pool, _)| Some(pool) != live.as_ref());
    let id = state.ids.hex(21);
    let breaker = shifting || !configuration.deployment_circuit_breaker.enable;
    let alarms = configuration.alarms.enable && !configuration.alarms.alarm_names.is_empty();
    let deployment = ServiceDeployment {
        arn: state.arn(
            "ecs",
            &format!(
                "service-deployment/{}/{}/{id}",
                service.cluster_name(),
                service.name
            ),
        ),
        created: state.now,
        started: None,
        finished: None,
        stopped: None,
        updated: state.now,
        echo: service
            .settings
            .echo
            .get("deploymentConfiguration")
            .cloned()
            .unwrap_or_default(),
        sources,
        target_pool: pool.id.clone(),
        target_revision: revision.arn.clone(),
        status: DeploymentStatus::Pending,
        reason: None,
        routes,
        stage: None,
        stage_since: state.now,
        entry: 0,
        hooks: Vec::new(),
        step: 0,
        hold_until: None,
        production_weight: 0.0,
        test_weight: 0.0,
        rollback: None,
        breaker: if breaker {
            Watch::Disabled
        } else {
            Watch::Monitoring
        },
        breaker_threshold: configuration
            .deployment_circuit_breaker
            .threshold(service.desired),
        breaker_failures: 0,
        alarms: if alarms {
            Watch::Monitoring
        } else {
            Watch::Disabled
        },
        alarms_ignored: Vec::new(),
        alarms_triggered: Vec::new(),
        configuration,
    };
    watch_groups(state, service);
    service.revisions.push(revision);
    service.pools.insert(0, pool);
    service.deployments.push(deployment);
    service.said_steady = false;
    state
        .ecs
        .wake_service(state.now.plus(SCHEDULER), &service.arn);
}

/// Creates the task set a CODE_DEPLOY service starts with.
pub(super) fn begin_task_set(state: &mut World, service: &mut Service) {
    let number = state.ids.digits(19);
    let id = format!("ecs-svc/{number}");
    let mut pool = Pool::new(
        id.clone(),
        service.settings.clone(),
        service.settings.bindings(),
        state.now,
    );
    pool.task_set = Some(TaskSet::primary(state, service, &id));
    service.pools.insert(0, pool);
    watch_groups(state, service);
    state
        .ecs
        .wake_service(state.now.plus(SCHEDULER), &service.arn);
}

/// Remembers which groups wake the service when something about them changes.
pub(super) fn watch_groups(state: &mut World, service: &Service) {
    let balancers = service.settings.load_balancers();
    let named = balancers.into_iter().flat_map(|balancer| {
        let alternate = balancer
            .advanced_configuration
            .and_then(|advanced| advanced.alternate_target_group_arn);
        [balancer.target_group_arn, alternate]
    });
    let bound = service
        .pools
        .iter()
        .flat_map(|pool| &pool.bindings)
        .map(|binding| Some(binding.group.clone()));
    for group in named.chain(bound).flatten() {
        state
            .ecs
            .users_of_group
            .entry(group)
            .or_default()
            .insert(service.arn.clone());
    }
}

/// The pool production traffic is on now.
fn live_pool(service: &Service) -> Option<String> {
    let under_way = service
        .deployments
        .last()
        .filter(|deployment| !deployment.status.is_final());
    match under_way {
        Some(deployment) => deployment.live_pool().map(str::to_owned),
        None => service.pools.first().map(|pool| pool.id.clone()),
    }
}

fn supersede(service: &mut Service) {
    for deployment in service
        .deployments
        .iter_mut()
        .filter(|deployment| !deployment.status.is_final())
    {
        deployment.status = DeploymentStatus::StopRequested;
        deployment.reason = Some(
            "Service deployment stopped because a newer service deployment started.".to_owned(),
        );
    }
}

fn routes(state: &World, service: &Service, live: Option<&str>) -> Vec<Route> {
    let live_groups: Vec<&str> = live
        .and_then(|id| service.pool(id))
        .into_iter()
        .flat_map(|pool| &pool.bindings)
        .map(|binding| binding.group.as_str())
        .collect();
    service
        .settings
        .load_balancers()
        .into_iter()
        .filter_map(|balancer: LoadBalancer| {
            let role = balancer.role();
            let advanced = balancer.advanced_configuration?;
            let primary = balancer.target_group_arn?;
            let test = advanced.test_listener_rule;
            Some(Route {
                role,
                target_is_alternate: live_groups.contains(&primary.as_str()),
                primary,
                alternate: advanced.alternate_target_group_arn?,
                production: advanced.production_listener_rule?,
                test_before: test
                    .as_deref()
                    .map(|rule| elbv2::groups_on_route(state, rule))
                    .unwrap_or_default(),
                test,
            })
        })
        .collect()
}

/// Where the new tasks are registered: the idle group of each pair, else the group the settings name.
fn bindings(service: &Service, routes: &[Route]) -> Vec<Binding> {
    let mut bindings = service.settings.bindings();
    for binding in &mut bindings {
        if let Some(route) = routes.iter().find(|route| route.primary == binding.group) {
            binding.group = route.target().to_owned();
        }
    }
    bindings
}
