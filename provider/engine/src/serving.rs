//! Which of a service's task sets has production traffic.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_rollout::weights::Share;

use crate::lost_traffic::rule_of;
use crate::ports::{Controller, Ports, Result, Service, TaskSet, TaskSetStatus, share_of};

/// The task set with the most production traffic, where that can be told: the primary one is only what a rollout came
/// from. Costs no call where there is no other.
///
/// `route` is the production rule or listener that somebody has written down. Without it CodeDeploy knows the shares of
/// its own task sets. Who may not read them is left with the primary one.
///
/// # Errors
/// What passes: to read the state again is better than to write a wrong one.
pub(crate) async fn serving_set<'a>(
    ports: &Ports,
    service: &'a Service,
    route: Option<&str>,
) -> Result<Option<&'a TaskSet>> {
    let sets = service.task_sets.iter();
    let sets: Vec<&TaskSet> = sets.filter(|set| !set.is_leaving()).collect();
    // The one of a service that is being created is not the primary one yet.
    let is_clear = |set: &TaskSet| sets.len() == 1 && set.status == TaskSetStatus::Primary;
    if sets.iter().all(|set| is_clear(set)) {
        return Ok(None);
    }
    let shares = match (route, &service.controller) {
        (Some(route), Controller::CodeDeploy | Controller::External) => {
            by_rule(ports, &sets, route).await
        }
        (None, Controller::CodeDeploy) => by_code_deploy(ports, service, &sets).await,
        (None, Controller::External) | (_, Controller::Ecs | Controller::Unknown(_)) => {
            return Ok(None);
        }
    };
    let shares = match shares {
        Err(error) if error.kind.is_transient() => return Err(error),
        Err(_) => return Ok(None),
        Ok(shares) => shares,
    };
    let share = |set: &TaskSet| shares.get(&set.id).copied().unwrap_or_default();
    let is_primary = |set: &TaskSet| set.status == TaskSetStatus::Primary;
    let first = sets
        .into_iter()
        .max_by(|a, b| match share(a).cmp(&share(b)) {
            std::cmp::Ordering::Equal => is_primary(a).cmp(&is_primary(b)),
            other => other,
        });
    Ok(first.filter(|set| !share(set).is_none()))
}

/// Share of production by task set.
type Shares = BTreeMap<String, Share>;

async fn by_rule(ports: &Ports, sets: &[&TaskSet], route: &str) -> Result<Shares> {
    let group = |set: &TaskSet| Some(set.load_balancers.first()?.target_group.clone());
    let groups: BTreeMap<String, &TaskSet> = sets
        .iter()
        .filter_map(|set| Some((group(set)?, *set)))
        .collect();
    let ours: BTreeSet<&String> = groups.keys().collect();
    let rule = rule_of(ports, route, &ours).await?;
    let forward = rule.map(|rule| rule.forward).unwrap_or_default();
    let shares = groups
        .iter()
        .map(|(group, set)| (set.id.clone(), share_of(&forward, group)));
    Ok(shares.collect())
}

async fn by_code_deploy(ports: &Ports, service: &Service, sets: &[&TaskSet]) -> Result<Shares> {
    let cluster = service.cluster_arn.rsplit('/').next().unwrap_or_default();
    let made_by: BTreeSet<&String> = sets
        .iter()
        .filter_map(|set| set.external_id.as_ref())
        .collect();
    for id in made_by {
        let target = ports.code_deploy.find_target(id, cluster, &service.name);
        let Some(target) = target.await? else {
            continue;
        };
        let knows = |set: &&TaskSet| target.task_sets.iter().any(|found| found.id == set.id);
        if sets.iter().all(knows) {
            let share = |percent| Share::of_percent(percent).unwrap_or_default();
            let shares = target.task_sets.into_iter();
            return Ok(shares
                .map(|set| (set.id, share(set.traffic_weight)))
                .collect());
        }
    }
    Ok(Shares::new())
}
