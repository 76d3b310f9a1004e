//! The two sides of a rollout that AWS carries out, as target groups: which one is new, and how healthy they are.

use std::collections::BTreeSet;

use crate::desired::DesiredLoadBalancer;
use crate::gate::SideFacts;
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
            groups.unwrap_or_default().first().cloned()
        };
        Self {
            new: resolved(target),
            old: resolved(source),
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
        let found = ports
            .routing
            .find_target_groups(std::slice::from_ref(group))
            .await;
        *known = found
            .ok()
            .and_then(|groups| groups.into_iter().next())
            .and_then(|group| group.load_balancers.into_iter().next());
    }
    SideFacts {
        new_target_group: groups.new.clone(),
        old_target_group: groups.old.clone(),
        load_balancer: known.clone(),
        test_route: balancer.and_then(|balancer| balancer.test_rule.clone()),
        ..SideFacts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
