//! Production points where the tasks are.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::finding;
use super::preflight::Checked;
use super::reads::{ControllerReads, Reads};
use crate::failure::{quoted, target_group_name};
use crate::finding::{Field, Finding, Rule, Severity};
use crate::live::Live;
use crate::ports::{ListenerRule, Ports, TargetHealth, TargetState, WeightedTarget};
use crate::wanted::Wanted;

/// Production traffic that goes to a side without any target while no rollout runs: those requests fail now.
///
/// For reads, which have no configuration to compare with: it looks at the live service, and costs one read of the
/// rule where everything is right. `None` also where AWS does not answer; whatever needs the answer asks again.
/// `written` and `groups` are the rule (or listener) and the target groups of the caller's records: only under the ECS
/// controller does a service name its own.
pub async fn lost_traffic(
    ports: &Ports,
    live: &Live,
    written: Option<&str>,
    groups: &BTreeSet<String>,
) -> Option<Finding> {
    let revision = &live.revision;
    let rule = revision.production_rule.as_deref().or(written)?;
    let serving = revision.live_target_group.as_ref()?;
    if live.deployment.is_some() || live.service.running == 0 {
        return None;
    }
    let ours: BTreeSet<&String> = revision.target_groups.iter().chain(groups).collect();
    let forward = forward_of(ports, rule, &ours).await?;
    let strays = |target: &&WeightedTarget| target.weight > 0 && target.target_group != *serving;
    let mut groups: BTreeSet<&String> = forward
        .iter()
        .filter(strays)
        .map(|target| &target.target_group)
        .collect();
    if groups.is_empty() {
        return None;
    }
    groups.insert(serving);
    let calls = groups
        .iter()
        .map(|group| ports.routing.target_health(group));
    let health: BTreeMap<String, Vec<TargetHealth>> = join_all(calls)
        .await
        .into_iter()
        .zip(groups)
        .filter_map(|(answer, group)| Some((group.clone(), answer.ok()?)))
        .collect();
    lost(&forward, &health, serving)
}

/// What production's rule forwards to. Of a listener's rules, the one that reaches this service: the others, and perhaps
/// the default one, are of other services.
async fn forward_of(
    ports: &Ports,
    rule: &str,
    ours: &BTreeSet<&String>,
) -> Option<Vec<WeightedTarget>> {
    if !rule.contains(":listener/") {
        return Some(ports.routing.find_rule(rule).await.ok()??.forward);
    }
    let listener = ports.routing.find_listener(rule).await.ok()??;
    reaching(listener.rules, |group| ours.contains(group))
}

/// What the first of the rules that reaches one of our groups forwards to.
fn reaching(
    rules: Vec<ListenerRule>,
    is_ours: impl Fn(&String) -> bool,
) -> Option<Vec<WeightedTarget>> {
    let mut forwards = rules.into_iter().map(|rule| rule.forward);
    forwards.find(|forward| forward.iter().any(|target| is_ours(&target.target_group)))
}

/// Says which share of the traffic is lost, and where the tasks are.
pub(super) fn lost(
    forward: &[WeightedTarget],
    health: &BTreeMap<String, Vec<TargetHealth>>,
    serving: &str,
) -> Option<Finding> {
    let targets = health
        .get(serving)?
        .iter()
        .filter(|one| serves(one))
        .count();
    let is_empty = |group: &String| {
        health
            .get(group)
            .is_some_and(|targets| targets.iter().all(leaves))
    };
    let empty: Vec<&WeightedTarget> = forward
        .iter()
        .filter(|target| target.weight > 0 && is_empty(&target.target_group))
        .collect();
    let weight = |targets: &mut dyn Iterator<Item = &WeightedTarget>| {
        targets.map(|target| u64::from(target.weight)).sum::<u64>()
    };
    let percent =
        (weight(&mut empty.iter().copied()) * 100).checked_div(weight(&mut forward.iter()))?;
    if targets == 0 || empty.is_empty() {
        return None;
    }
    let names: Vec<String> = empty
        .iter()
        .map(|target| target_group_name(&target.target_group).to_owned())
        .collect();
    let to = target_group_name(serving);
    Some(finding(
        Rule::ProductionEmpty,
        Severity::Warning,
        Field::ProductionRule,
        format!(
            "Critical: {percent} % of production goes to {}, which has no targets, while {targets} targets are in `{to}`. \
             These requests fail now.",
            quoted(&names)
        ),
        "Something besides the rollouts has changed the weights of the production rule.",
        &format!(
            "Make the production rule forward to `{to}` alone at once, and find out what changed it. The controller owns \
             the weights: in Terraform the rule needs `lifecycle {{ ignore_changes = [action] }}`."
        ),
    ))
}

/// While a rollout runs, traffic and tasks move; then nothing is judged.
pub(super) async fn of(
    ports: &Ports,
    wanted: &Wanted,
    live: Option<&Live>,
    reads: &Reads,
) -> Checked {
    let mut checked = Checked::default();
    let runs = live.is_some_and(|live| live.deployment.is_none() && live.service.running > 0);
    let Some(balancer) = wanted.revision.load_balancer.as_ref().filter(|_| runs) else {
        return checked;
    };
    let forward = match &reads.controller {
        ControllerReads::Ecs { production, .. } => production
            .answer()
            .and_then(Option::as_ref)
            .map(|route| route.targets.clone()),
        ControllerReads::CodeDeploy { group, .. } => {
            let group = group.answer().and_then(Option::as_ref);
            match group.and_then(|group| group.production_listeners.first()) {
                Some(listener) => {
                    of_listener(ports, listener, &balancer.target_groups, &mut checked).await
                }
                None => None,
            }
        }
    };
    let Some(forward) = forward.filter(|forward| !forward.is_empty()) else {
        return checked;
    };
    let mut groups: BTreeSet<&String> = balancer.target_groups.iter().collect();
    groups.extend(forward.iter().map(|target| &target.target_group));
    if groups.len() < 2 {
        return checked;
    }
    let calls = groups
        .iter()
        .map(|group| ports.routing.target_health(group));
    let mut health = BTreeMap::new();
    for (answer, group) in join_all(calls).await.into_iter().zip(&groups) {
        if let Some(found) = checked.take(Field::ProductionRule, false, answer) {
            health.insert((*group).clone(), found);
        }
    }
    checked.findings.extend(empty(&forward, &health));
    checked
}

/// What the listener's rules forward to, as far as it is this service's.
async fn of_listener(
    ports: &Ports,
    listener: &str,
    ours: &BTreeSet<String>,
    checked: &mut Checked,
) -> Option<Vec<WeightedTarget>> {
    let call = ports.routing.find_listener(listener);
    let found = checked.ask(Field::ProductionRule, false, call).await??;
    reaching(found.rules, |group| ours.contains(group))
}

/// The production groups have no target at all, and another group has some that could serve.
pub(super) fn empty(
    forward: &[WeightedTarget],
    health: &BTreeMap<String, Vec<TargetHealth>>,
) -> Option<Finding> {
    let pointed: Vec<&String> = forward
        .iter()
        .filter(|target| target.weight > 0)
        .map(|target| &target.target_group)
        .collect();
    let is_empty = |group: &&String| {
        health
            .get(*group)
            .is_some_and(|targets| targets.iter().all(leaves))
    };
    if pointed.is_empty() || !pointed.iter().all(is_empty) {
        return None;
    }
    let (group, count) = health
        .iter()
        .filter(|(group, _)| !pointed.contains(group))
        .map(|(group, targets)| (group, targets.iter().filter(|one| serves(one)).count()))
        .max_by_key(|(_, count)| *count)
        .filter(|(_, count)| *count > 0)?;
    let names: Vec<String> = pointed
        .iter()
        .map(|arn| target_group_name(arn).to_owned())
        .collect();
    Some(finding(
        Rule::ProductionEmpty,
        Severity::Error,
        Field::ProductionRule,
        format!(
            "Critical: production points at {}, which has no targets, while {count} targets are in `{}`. Requests fail now.",
            quoted(&names),
            target_group_name(group)
        ),
        "Something besides the rollouts has moved production to the side without tasks. A rollout begun now would take \
         that side for the live one.",
        &format!(
            "Make the production rule forward to `{}` at once, and find out what changed it. Then plan again.",
            target_group_name(group)
        ),
    ))
}

/// On its way out.
fn leaves(target: &TargetHealth) -> bool {
    match target.state {
        TargetState::Draining => true,
        TargetState::Healthy
        | TargetState::Initial
        | TargetState::Unavailable
        | TargetState::Unhealthy
        | TargetState::Unknown(_)
        | TargetState::Unused => false,
    }
}

/// It could serve: a group that no rule forwards to is not health-checked, and its targets are `unused`.
fn serves(target: &TargetHealth) -> bool {
    match target.state {
        TargetState::Healthy | TargetState::Unused => true,
        TargetState::Draining
        | TargetState::Initial
        | TargetState::Unavailable
        | TargetState::Unhealthy
        | TargetState::Unknown(_) => false,
    }
}
