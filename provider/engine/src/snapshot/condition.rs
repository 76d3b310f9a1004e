//! Whether a service was well when its snapshot was taken.

use serde::{Deserialize, Serialize};

use super::sections::{LoadBalancerSection, RuleSection, Serves};
use crate::SCALING_TAG;
use crate::notes::is_creating;
use crate::ports::{Service, ServiceDeployment, ServiceStatus};
use crate::text::target_group_name;

/// How the service was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "status",
    content = "reasons",
    rename_all = "snake_case",
    deny_unknown_fields
)]
pub enum SnapshotCondition {
    /// Every wanted task ran, every target was healthy, no deployment was under way.
    Good,
    /// Something was not as it should be: sentences, the most telling first.
    Degraded(Vec<String>),
}

impl SnapshotCondition {
    /// Whether it is [`SnapshotCondition::Good`].
    pub fn is_good(&self) -> bool {
        match self {
            Self::Good => true,
            Self::Degraded(_) => false,
        }
    }

    /// `good` or `degraded`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Degraded(_) => "degraded",
        }
    }

    /// Why it is not good.
    pub fn reasons(&self) -> &[String] {
        match self {
            Self::Good => &[],
            Self::Degraded(reasons) => reasons,
        }
    }
}

/// What is judged.
pub(super) struct Facts<'a> {
    pub(super) service: &'a Service,
    /// The deployment AWS calls current.
    pub(super) deployment: Option<&'a ServiceDeployment>,
    pub(super) load_balancer: Option<&'a LoadBalancerSection>,
}

/// Good, unless something speaks against it.
pub(super) fn judge(facts: &Facts<'_>) -> SnapshotCondition {
    let mut reasons = Vec::new();
    deployment(facts, &mut reasons);
    tasks(facts.service, &mut reasons);
    if let Some(load_balancer) = facts.load_balancer {
        let wanted = facts.service.desired;
        targets(load_balancer, wanted, &mut reasons);
        traffic(load_balancer, &mut reasons);
    }
    interrupted(facts.service, &mut reasons);
    match reasons.is_empty() {
        true => SnapshotCondition::Good,
        false => SnapshotCondition::Degraded(reasons),
    }
}

fn deployment(facts: &Facts<'_>, reasons: &mut Vec<String>) {
    let service = facts.service;
    match &service.status {
        ServiceStatus::Active => {}
        ServiceStatus::Draining => reasons.push("The service is being deleted.".to_owned()),
        ServiceStatus::Inactive => reasons.push("The service is deleted.".to_owned()),
        ServiceStatus::Unknown(word) => reasons.push(format!(
            "AWS reports the service as `{word}`, which this version does not know."
        )),
    }
    if let Some(deployment) = facts.deployment.filter(|found| found.status.is_running()) {
        let word = &deployment.status;
        reasons.push(format!("A deployment was in progress ({word})."));
    } else if service.current_revisions.len() > 1 {
        let count = service.current_revisions.len();
        reasons.push(format!("Tasks of {count} revisions were in the service."));
    }
    let sets = service.task_sets.iter();
    let count = sets.filter(|set| !set.is_leaving()).count();
    if count > 1 {
        reasons.push(format!(
            "The service had {count} task sets: a deployment was in progress, or had not been completed."
        ));
    }
}

fn tasks(service: &Service, reasons: &mut Vec<String>) {
    let primary = service.primary();
    let (running, pending, wanted) = match primary {
        Some(set) => (set.running, set.pending, set.computed_desired),
        None => (service.running, service.pending, service.desired),
    };
    if running == 0 && wanted == 0 {
        reasons.push(
            "No task was desired and none was running, so nothing shows that it works.".to_owned(),
        );
    }
    if running != wanted {
        reasons.push(format!(
            "{} running, {wanted} desired.",
            count(running, "task")
        ));
    }
    if pending > 0 {
        reasons.push(format!("{} had not started yet.", count(pending, "task")));
    }
    if primary.is_some_and(|set| !set.is_stable()) && running == wanted && pending == 0 {
        reasons.push("AWS did not report the primary task set as steady.".to_owned());
    }
}

fn targets(balancer: &LoadBalancerSection, wanted: u32, reasons: &mut Vec<String>) {
    if balancer.live_target_groups.is_empty() && !balancer.target_groups.is_empty() {
        reasons.push("AWS did not show which target group has the production traffic.".to_owned());
    }
    for arn in &balancer.live_target_groups {
        let Some(group) = balancer.target_groups.get(arn) else {
            continue;
        };
        let Some(name) = &group.name else {
            reasons.push(format!("Target group `{arn}` did not exist."));
            continue;
        };
        let targets = &group.targets;
        if targets.healthy == 0 && wanted > 0 {
            reasons.push(format!("Target group `{name}` had no healthy target."));
        }
        for (number, state) in [
            (targets.unhealthy, "unhealthy"),
            (targets.initial, "still being checked"),
            (
                targets.other,
                "out of use or in a state this version does not know",
            ),
        ] {
            if number > 0 {
                let targets = count(number, "target");
                let was = if number == 1 { "was" } else { "were" };
                reasons.push(format!("{targets} of target group `{name}` {was} {state}."));
            }
        }
    }
}

/// Production traffic goes to the live groups, and nowhere else.
fn traffic(balancer: &LoadBalancerSection, reasons: &mut Vec<String>) {
    if balancer.live_target_groups.is_empty() {
        return;
    }
    let production = |rule: &&RuleSection| rule.serves == Serves::Production;
    // A pair has a role, and a rule that shifts between the two.
    if balancer.role.is_some() && !balancer.rules.values().any(|rule| production(&rule)) {
        reasons.push("The production rule did not exist.".to_owned());
    }
    for rule in balancer.rules.values().filter(production) {
        let (live, other): (Vec<_>, Vec<_>) = rule
            .weights
            .iter()
            .filter(|(_, weight)| **weight > 0)
            .partition(|(arn, _)| balancer.live_target_groups.contains(*arn));
        if live.is_empty() {
            reasons.push(
                "The production rule sent no traffic to the target group of the running tasks."
                    .to_owned(),
            );
        }
        for (arn, _) in other {
            reasons.push(format!(
                "The production rule sent traffic to target group `{}` as well.",
                target_group_name(arn)
            ));
        }
    }
}

fn interrupted(service: &Service, reasons: &mut Vec<String>) {
    if is_creating(&service.tags) {
        reasons.push("The first deployment of the service had not ended.".to_owned());
    }
    if service.tags.contains_key(SCALING_TAG) {
        reasons.push("A deployment had suspended automatic scaling.".to_owned());
    }
}

fn count(number: u32, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}
