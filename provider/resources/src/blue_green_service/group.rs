//! CodeDeploy's side of a service that is taken over: ECS does not name the deployment group, but its task sets name the
//! deployment that made them.

use std::time::Duration;

use switchyard_engine::Live;
use switchyard_engine::ports::{Controller, DeploymentGroup, Ports, ServiceRef, TrafficRouting};
use tfplugin::value::{Attr, Number};

use super::model::{CodeDeployModel, Model, ShiftModel, text_set};
use super::strategy::{PREDEFINED, Strategy};
use super::words::StrategyWord;
use crate::duration;

/// Adds group, strategy and pair to the state of an import. What cannot be found is left to the configuration.
pub(super) async fn complete(ports: &Ports, state: &mut Model, live: &Live) {
    if live.service.controller != Controller::CodeDeploy || !state.codedeploy.is_null() {
        return;
    }
    let Some(group) = find(ports, live).await else {
        return;
    };
    let predefined = PREDEFINED.iter().find(|known| known.name == group.config);
    let strategy = match predefined {
        Some(known) => known.strategy,
        None => by_routing(ports, &group.config).await,
    };
    state.codedeploy = Attr::Known(CodeDeployModel {
        application: Attr::Known(group.application.clone()),
        deployment_group: Attr::Known(group.name.clone()),
        // A predefined one follows from the strategy.
        deployment_config: match predefined {
            Some(_) => Attr::Null,
            None => Attr::Known(group.config.clone()),
        },
        ..CodeDeployModel::default()
    });
    if let Attr::Known(deployment) = &mut state.deployment {
        deployment.strategy = Attr::Known(StrategyWord::of(strategy));
        let shift = Attr::from(predefined.and_then(|known| known.shift).map(shift));
        match strategy {
            Strategy::Canary => deployment.canary = shift,
            Strategy::Linear => deployment.linear = shift,
            Strategy::Rolling | Strategy::AllAtOnce | Strategy::Steps => {}
        }
    }
    let names = &group.target_groups;
    let found = ports.routing.find_target_groups_by_name(names).await;
    let pair: Vec<String> = found
        .unwrap_or_default()
        .into_iter()
        .map(|found| found.arn)
        .collect();
    if let (Attr::Known(balancer), [_, _]) = (&mut state.load_balancer, pair.as_slice()) {
        balancer.target_groups = text_set(&pair);
    }
}

fn shift((percent, minutes): (u32, u32)) -> ShiftModel {
    ShiftModel {
        percent: Attr::Known(Number::from(i64::from(percent))),
        interval: Attr::Known(duration::format(Duration::from_secs(
            u64::from(minutes) * 60,
        ))),
    }
}

/// The group whose deployment made a task set of the service.
async fn find(ports: &Ports, live: &Live) -> Option<DeploymentGroup> {
    let service = ServiceRef {
        cluster: live.service.cluster_arn.clone(),
        name: live.service.name.clone(),
    };
    let code_deploy = &ports.code_deploy;
    let sets = live.service.task_sets.iter();
    for id in sets.filter_map(|set| set.external_id.as_ref()) {
        let Ok(Some(deployment)) = code_deploy.find_deployment(id).await else {
            continue;
        };
        let (Some(application), Some(group)) = (deployment.application, deployment.group) else {
            continue;
        };
        let found = code_deploy.find_group(&application, &group).await;
        if let Ok(Some(found)) = found
            && found.deploys(&service)
        {
            return Some(found);
        }
    }
    None
}

/// How a configuration that is not predefined moves traffic.
async fn by_routing(ports: &Ports, config: &str) -> Strategy {
    let found = ports.code_deploy.find_config(config).await;
    match found.ok().flatten().and_then(|found| found.routing) {
        Some(TrafficRouting::Canary { .. }) => Strategy::Canary,
        Some(TrafficRouting::Linear { .. }) => Strategy::Linear,
        Some(TrafficRouting::AllAtOnce | TrafficRouting::Unknown(_)) | None => Strategy::AllAtOnce,
    }
}
