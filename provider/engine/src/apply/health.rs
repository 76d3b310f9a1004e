//! The two sides of a rollout that AWS carries out, as target groups: which one is new, and how healthy they are.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::DesiredLoadBalancer;
use crate::gate::{PairFacts, SideFacts};
use crate::goal::Goal;
use crate::ports::{
    CodeDeployTarget, CodeDeployTaskSet, EcsStatus, LifecycleStage, Ports, ServiceDeployment,
    ServiceRevision, TargetState, TaskSetLabel,
};
use crate::sighting::Groups;

/// Healthy targets of both sides; `None` when not looked at, or not to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) new: Option<u32>,
    pub(crate) old: Option<u32>,
}

impl Groups {
    /// Of a service deployment, from what its revisions were resolved to.
    pub(crate) fn of_revisions(
        target: Option<&ServiceRevision>,
        source: Option<&ServiceRevision>,
        pair: &BTreeSet<String>,
    ) -> Self {
        let resolved = |revision: Option<&ServiceRevision>| {
            let groups = revision.map(|revision| revision.resolved_target_groups.as_slice());
            let groups = groups.unwrap_or_default();
            let own = groups.iter().find(|group| pair.contains(*group));
            // An old side may be registered elsewhere.
            own.or_else(|| groups.first()).cloned()
        };
        Self {
            new: resolved(target),
            old: resolved(source),
        }
        .completed(pair)
    }

    /// The same of a pair besides the first. Without a deployment, what is live is the new side.
    fn of_pair(
        (target, source): (Option<&ServiceRevision>, Option<&ServiceRevision>),
        live: &BTreeSet<String>,
        pair: &BTreeSet<String>,
    ) -> Self {
        let among = |groups: &[String]| groups.iter().find(|it| pair.contains(*it)).cloned();
        let resolved =
            |revision: Option<&ServiceRevision>| among(&revision?.resolved_target_groups);
        let is_moving = target.is_some() || source.is_some();
        let only = pair.first().filter(|_| pair.len() == 1);
        Self {
            new: match (only, is_moving) {
                (Some(only), _) => Some(only.clone()),
                (None, true) => resolved(target),
                (None, false) => live.iter().find(|it| pair.contains(*it)).cloned(),
            },
            old: resolved(source).filter(|_| only.is_none()),
        }
        .completed(pair)
    }

    /// Of a CodeDeploy deployment, which knows groups by name.
    pub(crate) fn of_target(target: &CodeDeployTarget, pair: &BTreeSet<String>) -> Self {
        let group = |label: &TaskSetLabel| {
            let name = side(target, label)?.target_group.as_deref()?;
            pair.iter().find(|arn| name_of(arn) == Some(name)).cloned()
        };
        Self {
            new: group(&TaskSetLabel::Green),
            old: group(&TaskSetLabel::Blue),
        }
        .completed(pair)
    }

    /// One group of a pair tells the other.
    fn completed(mut self, pair: &BTreeSet<String>) -> Self {
        let other = |known: &Option<String>| {
            let known = known.as_ref().filter(|_| pair.len() == 2)?;
            pair.iter().find(|group| *group != known).cloned()
        };
        if self.new.is_none() {
            self.new = other(&self.old);
        }
        if self.old.is_none() {
            self.old = other(&self.new);
        }
        self
    }

    /// Reads the health of both. Sides that share a group cannot be told apart.
    pub(crate) async fn health(&self, ports: &Ports) -> Health {
        if self.new == self.old {
            return Health::default();
        }
        let (new, old) = futures::future::join(
            healthy(ports, self.new.as_deref()),
            healthy(ports, self.old.as_deref()),
        )
        .await;
        Health { new, old }
    }
}

/// One side of a CodeDeploy deployment.
pub(crate) fn side<'a>(
    target: &'a CodeDeployTarget,
    label: &TaskSetLabel,
) -> Option<&'a CodeDeployTaskSet> {
    target.task_sets.iter().find(|set| set.label == *label)
}

/// The name in a target group's ARN (`…:targetgroup/NAME/ID`).
fn name_of(arn: &str) -> Option<&str> {
    arn.split('/').nth(1)
}

/// Healthy targets of a group.
pub(crate) async fn healthy(ports: &Ports, group: Option<&str>) -> Option<u32> {
    let targets = ports.routing.target_health(group?).await.ok()?;
    let healthy = targets
        .iter()
        .filter(|target| target.state == TargetState::Healthy);
    u32::try_from(healthy.count()).ok()
}

/// Whether it means something to ask how healthy both sides are: traffic moves between them, and the old one
/// is not being cleaned up.
pub(crate) fn counts(deployment: &ServiceDeployment) -> bool {
    let moves = match deployment.status {
        EcsStatus::Pending | EcsStatus::InProgress => true,
        EcsStatus::StopRequested
        | EcsStatus::RollbackRequested
        | EcsStatus::RollbackInProgress
        | EcsStatus::Successful
        | EcsStatus::Stopped
        | EcsStatus::RollbackSuccessful
        | EcsStatus::RollbackFailed
        | EcsStatus::Unknown(_) => false,
    };
    let target = deployment.target.as_ref();
    moves
        && !deployment.sources.is_empty()
        && deployment.stage != Some(LifecycleStage::CleanUp)
        && target.is_some_and(|target| target.production_weight.is_some())
}

/// What gates need to know; the load balancer is looked up once.
pub(crate) async fn facts(
    ports: &Ports,
    groups: &Groups,
    balancer: Option<&DesiredLoadBalancer>,
    known: &mut Option<String>,
) -> SideFacts {
    let any = groups.new.as_ref().or(groups.old.as_ref());
    if let (None, Some(group)) = (&*known, any) {
        *known = find_balancer(ports, group).await;
    }
    SideFacts {
        new_target_group: groups.new.clone(),
        old_target_group: groups.old.clone(),
        load_balancer: known.clone(),
        test_route: balancer.and_then(|balancer| balancer.test_rule.clone()),
        ..SideFacts::default()
    }
}

/// What gates need to know of the pairs besides the first that they name; each load balancer is looked up once.
pub(crate) async fn pairs(
    goal: &Goal<'_>,
    revisions: (Option<&ServiceRevision>, Option<&ServiceRevision>),
    live: &BTreeSet<String>,
    known: &mut BTreeMap<String, String>,
) -> Vec<PairFacts> {
    let gates = &goal.wanted.gates.list;
    let named: BTreeSet<&String> = gates.iter().filter_map(|gate| gate.pair.as_ref()).collect();
    let mut all = Vec::new();
    for balancer in &goal.wanted.revision.additional {
        let groups: BTreeSet<String> = balancer.groups().into_iter().map(str::to_owned).collect();
        if !named.iter().any(|group| groups.contains(*group)) {
            continue;
        }
        let sides = Groups::of_pair(revisions, live, &groups);
        let any = sides.new.as_ref().or(sides.old.as_ref());
        let mut load_balancer = any.and_then(|group| known.get(group)).cloned();
        if let (None, Some(group)) = (&load_balancer, any) {
            load_balancer = find_balancer(goal.ports, group).await;
            let found = load_balancer.clone();
            known.extend(found.map(|found| (group.clone(), found)));
        }
        let alternate = balancer.alternate.as_ref();
        all.push(PairFacts {
            groups,
            new: sides.new,
            old: sides.old,
            load_balancer,
            test_route: alternate.and_then(|pair| pair.test_rule.clone()),
        });
    }
    all
}

/// The load balancer that routes to a target group.
async fn find_balancer(ports: &Ports, group: &String) -> Option<String> {
    let found = ports
        .routing
        .find_target_groups(std::slice::from_ref(group))
        .await;
    let group = found.ok()?.into_iter().next()?;
    group.load_balancers.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_has_sides_of_its_own() {
        let revision = |groups: &[&str]| ServiceRevision {
            arn: "revision".to_owned(),
            task_definition: "web:1".to_owned(),
            launch: None,
            platform_version: None,
            network: None,
            load_balancers: Vec::new(),
            resolved_target_groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            images: BTreeMap::new(),
            created_at: None,
            parts: BTreeMap::new(),
            beyond: BTreeSet::new(),
        };
        let set = |groups: &[&str]| groups.iter().map(|group| (*group).to_owned()).collect();
        let (first, second): (BTreeSet<String>, BTreeSet<String>) =
            (set(&["a", "b"]), set(&["x", "y"]));
        // AWS's order is not the configuration's.
        let (target, source) = (revision(&["y", "b"]), revision(&["x", "a"]));
        let groups = |new: &str, old: &str| Groups {
            new: Some(new.to_owned()),
            old: Some(old.to_owned()),
        };
        let both = (Some(&target), Some(&source));
        assert_eq!(
            Groups::of_revisions(both.0, both.1, &first),
            groups("b", "a")
        );
        let live = set(&["x", "a"]);
        assert_eq!(Groups::of_pair(both, &live, &second), groups("y", "x"));
        let young = revision(&[]);
        let moving = (Some(&young), Some(&source));
        assert_eq!(Groups::of_pair(moving, &live, &second), groups("y", "x"));
        assert_eq!(
            Groups::of_pair((None, None), &live, &second),
            groups("x", "y")
        );
        let single: BTreeSet<String> = set(&["z"]);
        let alone = Groups::of_pair(both, &live, &single);
        assert_eq!((alone.new.as_deref(), alone.old), (Some("z"), None));
    }

    #[test]
    fn one_group_of_a_pair_tells_the_other() {
        let pair = BTreeSet::from(["tg/blue/1".to_owned(), "tg/green/2".to_owned()]);
        let groups = Groups {
            new: None,
            old: Some("tg/green/2".to_owned()),
        };
        assert_eq!(groups.completed(&pair).new.as_deref(), Some("tg/blue/1"));
        let single = BTreeSet::from(["tg/blue/1".to_owned()]);
        let groups = Groups {
            new: Some("tg/blue/1".to_owned()),
            old: None,
        };
        assert_eq!(groups.completed(&single).old, None);
    }
}
