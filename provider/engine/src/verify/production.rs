//! Production points where the tasks are.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::checked::Checked;
use super::reads::{ControllerReads, Reads};
use super::routing;
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::lost_traffic::{Stray, find_stray, is_settled, leaves, reaching, serves};
use crate::ports::{Ports, TargetHealth, WeightedTarget};
use crate::text::{quoted, target_group_name};

/// Production traffic that goes elsewhere than to the live side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayTraffic {
    /// What to tell.
    pub finding: Finding,
    /// What the next apply puts right, in words; absent when it leaves the weights alone, because the other side
    /// answers too.
    pub unfinished: Option<String>,
    /// All of production reaches nobody: no side is live.
    pub serves_nobody: bool,
}

/// Looks whether production goes elsewhere than to the live side while no rollout runs.
///
/// For reads, which have no configuration to compare with: it looks at the live service, and costs one read of the
/// rule where everything is right. `None` also where AWS does not answer; whatever needs the answer asks again.
/// `written` and `groups` are the rule (or listener) and the target groups of the caller's records: only under the ECS
/// controller does a service name its own.
pub async fn stray_traffic(
    ports: &Ports,
    live: &Live,
    written: Option<&str>,
    groups: &BTreeSet<String>,
) -> Option<StrayTraffic> {
    if !is_settled(live) {
        return None;
    }
    let stray = find_stray(ports, &live.revision, written, groups).await;
    let stray = stray.ok()??;
    match stray.words() {
        Some(words) => Some(StrayTraffic {
            finding: lost(&stray)?,
            serves_nobody: stray.lost_percent() == Some(100),
            unfinished: Some(words),
        }),
        // Between two task sets a rollout of ours, or of CodeDeploy, is under way.
        None if live.service.task_sets.len() > 1 => None,
        None => Some(StrayTraffic {
            finding: routing::stray(&stray.forward, &stray.serving)?,
            serves_nobody: false,
            unfinished: None,
        }),
    }
}

/// Says which share of the traffic is lost, and where the tasks are.
fn lost(stray: &Stray) -> Option<Finding> {
    let (words, targets) = (stray.words()?, stray.targets);
    let to = target_group_name(&stray.serving);
    Some(finding(
        Rule::ProductionEmpty,
        FindingLevel::Warning,
        Field::ProductionRule,
        format!(
            "Critical: {words}, while {targets} targets are in `{to}`. These requests fail now."
        ),
        "Something other than the deployments has changed the weights of the production rule.",
        &format!(
            "The next apply restores the weights before it does anything else. To do it at once, run:\n\n  \
             {}\n\nThen find out what changed them. The controller owns the weights: in Terraform use a \
             `switchyard_listener_rule`, or set `lifecycle {{ ignore_changes = [action] }}` on an \
             `aws_lb_listener_rule`.",
            stray.command()
        ),
    ))
}

/// While a rollout runs, traffic and tasks move; then nothing is judged.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
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
    let serving = live.and_then(|live| live.revision.live_target_group.as_deref());
    checked.findings.extend(empty(&forward, &health, serving));
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
    Some(reaching(found.rules, |group| ours.contains(group))?.forward)
}

/// The production groups have no target at all, and another group has some that could serve. Where that is the live
/// side `serving`, the apply puts the weights back first.
pub(super) fn empty(
    forward: &[WeightedTarget],
    health: &BTreeMap<String, Vec<TargetHealth>>,
    serving: Option<&str>,
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
    let now = format!(
        "Critical: production forwards to {}, which has no targets, while {count} targets are in `{}`. Requests \
         fail now.",
        quoted(&names),
        target_group_name(group)
    );
    let why =
        "Something other than the deployments has moved production to the side without tasks.";
    if serving == Some(group.as_str()) {
        return Some(finding(
            Rule::ProductionEmpty,
            FindingLevel::Warning,
            Field::ProductionRule,
            now,
            why,
            "The apply restores the weights before it does anything else. Find out what changed them.",
        ));
    }
    Some(finding(
        Rule::ProductionEmpty,
        FindingLevel::Error,
        Field::ProductionRule,
        now,
        &format!("{why} A deployment that starts now would treat that side as the live one."),
        &format!(
            "Make the production rule forward to `{}` at once, and find out what changed it. Then plan again.",
            target_group_name(group)
        ),
    ))
}
