//! Going back to a revision that was live: whether a plan does, and which revisions were.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Ports, TaskDefinition};
use switchyard_engine::{DeploymentRecord, RecordOutcome, image_changes};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, ToValue};

use super::difference::{differs, either};
use super::memory::Memory;
use super::model::{DeploymentModel, Model, known_map, or_default};
use super::owner::TaskDefinitionOwner;
use super::restore::Target;
use super::strategy::Strategy;
use super::switch;
use super::validate::Rule;
use super::words::{OutcomeWord, RollbackStrategyWord};
use crate::names;

/// How many revisions are remembered: each one may cost a plan a call.
const REMEMBERED: usize = 5;

/// A revision that was live, and is to be live again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Back {
    /// The task definition that was live: its ARN, or `family:revision`.
    pub(super) to: String,
}

/// What a change starts from and leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) memory: &'a Memory,
    pub(super) prior: &'a Model,
    pub(super) planned: &'a Model,
    /// The task definition of the configuration.
    pub(super) named: &'a Attr<String>,
    pub(super) target: &'a Target,
}

impl Way<'_> {
    /// The earlier revision, when all that is deployed is that one again, and it may take the short way. `None` where
    /// that is not certain: the configured strategy is the careful one.
    pub(super) async fn back(self, ports: &Ports) -> Option<Back> {
        if !takes_short_way(self.planned) || self.changes_more() {
            return None;
        }
        let live = self.memory.live_task_definition(self.prior);
        let live = live.known()?;
        let is_live = |name: &str| names::same_task_definition(name, live);
        match TaskDefinitionOwner::of(self.planned)? {
            TaskDefinitionOwner::External => None,
            TaskDefinitionOwner::Snapshot => {
                let restored = self.target.known()?;
                let to = restored.task_definition.clone();
                (!is_live(&to) && restored.runs_as.as_ref() != Some(live)).then_some(Back { to })
            }
            TaskDefinitionOwner::Terraform => {
                let wanted = self.planned.task_definition.known()?;
                if is_live(wanted) {
                    return None;
                }
                let mut earlier = self.earlier(live);
                if let Some(to) = earlier.find(|to| names::same_task_definition(to, wanted)) {
                    return Some(Back { to: to.clone() });
                }
                self.again(ports, live, wanted, &BTreeMap::new()).await
            }
            TaskDefinitionOwner::Images => {
                let images = known_map(&self.planned.images)?;
                let base = match self.named {
                    Attr::Unknown => return None,
                    Attr::Known(base) => base,
                    Attr::Null => live,
                };
                self.again(ports, live, base, &images).await
            }
        }
    }

    /// An earlier revision that means the same as `base` with these images: it was registered once more.
    async fn again(
        self,
        ports: &Ports,
        live: &str,
        base: &str,
        images: &BTreeMap<String, String>,
    ) -> Option<Back> {
        let mut earlier = self.earlier(live).peekable();
        earlier.peek()?;
        let base = found(ports, base).await?;
        for to in earlier {
            if family(to) != family(&base.arn) {
                continue;
            }
            let Some(was) = found(ports, to).await else {
                continue;
            };
            let changes = image_changes(Some(&was.document), Some(&base.document), images).ok()?;
            if !changes.any() {
                return Some(Back { to: to.clone() });
            }
        }
        None
    }

    /// The revisions that were live and are not, newest first.
    fn earlier(&self, live: &str) -> impl Iterator<Item = &String> {
        let was_live = last_success(Some(self.prior))
            .into_iter()
            .chain(&self.memory.was_live);
        was_live.filter(move |arn| !names::same_task_definition(arn, live))
    }

    /// Whether tasks get something else that was not live together with that revision.
    fn changes_more(self) -> bool {
        let (prior, planned) = (self.prior, self.planned);
        let more = either([
            Attr::Known(switch::deploys(prior, planned)),
            changes(&prior.launch_type, &planned.launch_type),
            changes(
                &prior.capacity_provider_strategy,
                &planned.capacity_provider_strategy,
            ),
            changes(&prior.platform_version, &planned.platform_version),
            changes(&prior.network_configuration, &planned.network_configuration),
            changes(&prior.load_balancer, &planned.load_balancer),
        ]);
        more != Attr::Known(false)
    }
}

/// Whether the way back is shorter than the way forward.
fn takes_short_way(planned: &Model) -> bool {
    let Some(deployment) = planned.deployment.known() else {
        return false;
    };
    let default = DeploymentModel::defaults();
    let may = match or_default(&deployment.rollback_strategy, &default.rollback_strategy) {
        Some(RollbackStrategyWord::AllAtOnce) => true,
        Some(RollbackStrategyWord::Same | RollbackStrategyWord::Unknown(_)) | None => false,
    };
    let moves_traffic = match Strategy::of(deployment) {
        Some(Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear | Strategy::Steps) => true,
        Some(Strategy::Rolling) | None => false,
    };
    may && moves_traffic
}

fn changes<T: ToValue>(prior: &Attr<T>, planned: &Attr<T>) -> Attr<bool> {
    differs(&prior.to_value(), &planned.to_value())
}

fn family(arn: &str) -> &str {
    let name = names::task_definition_name(arn);
    name.split_once(':').map_or(name, |(family, _)| family)
}

async fn found(ports: &Ports, name: &str) -> Option<TaskDefinition> {
    ports.services.find_task_definition(name).await.ok()?
}

/// What the plan says about the way it takes.
pub(super) fn announcement(planned: &Model, back: &Back) -> Option<Diagnostic> {
    let deployment = planned.deployment.known()?;
    let strategy = Strategy::of(deployment)?;
    // A snapshot says so itself.
    if TaskDefinitionOwner::of(planned) == Some(TaskDefinitionOwner::Snapshot)
        || strategy == Strategy::AllAtOnce
    {
        return None;
    }
    let name = planned.name.known()?;
    let to = names::task_definition_name(&back.to);
    Some(
        Diagnostic::warning(
            format!("Service `{name}` returns to revision {to}, all at once"),
            format!(
                "The deployed revision was live before as {to}. To restore production soon, all traffic moves at \
                 once when the gates of `before_traffic` have passed; shifts, bake time and the gates during them \
                 are skipped this time.\n\nTo deploy it like any other change (`{}`), set \
                 `deployment.rollback_strategy = \"same\"`.\n\nRule {}.",
                strategy.word(),
                Rule::GoesBack.id(),
            ),
        )
        .at(Path::root().attribute("deployment").attribute("rollback_strategy")),
    )
}

/// The revisions that were live after a rollout, newest first, without the one that its account says succeeded. Going
/// back to one forgets those after it: to deploy them again is a change like any other.
pub(super) fn remembered(
    memory: &Memory,
    prior: Option<&Model>,
    record: Option<&DeploymentRecord>,
    back: Option<&Back>,
) -> Vec<String> {
    let mut known = memory.was_live.clone();
    let Some(record) = record else {
        return known;
    };
    let to = &record.to_task_definition;
    let forget = |known: &mut Vec<String>, gone: &str| {
        known.retain(|name| !names::same_task_definition(name, gone));
    };
    let remember = |known: &mut Vec<String>, name: &str| {
        forget(known, name);
        known.insert(0, names::task_definition_name(name).to_owned());
    };
    // Another account comes in the place of the one that named it.
    if let Some(before) = last_success(prior) {
        remember(&mut known, before);
    }
    match record.outcome {
        RecordOutcome::Succeeded => {
            if let Some(back) = back {
                let at = known
                    .iter()
                    .position(|name| names::same_task_definition(name, &back.to));
                known.drain(..at.map_or(known.len(), |at| at + 1));
            } else if let Some(from) = &record.from_task_definition
                && !was_unhealthy(prior, from)
            {
                remember(&mut known, from);
            }
            forget(&mut known, to);
            known.truncate(REMEMBERED - 1);
        }
        // It is live, and it is not good.
        RecordOutcome::Unhealthy => forget(&mut known, to),
        RecordOutcome::Cancelled
        | RecordOutcome::Failed
        | RecordOutcome::LeftRunning
        | RecordOutcome::RolledBack => {}
    }
    known
}

/// Whether a gate failed after this revision had gone live.
fn was_unhealthy(prior: Option<&Model>, arn: &str) -> bool {
    last_with(prior, &OutcomeWord::Unhealthy).is_some_and(|to| names::same_task_definition(to, arn))
}

/// The revision that the last deployment made live.
fn last_success(prior: Option<&Model>) -> Option<&String> {
    last_with(prior, &OutcomeWord::Succeeded)
}

/// Where the last deployment went, if this is how it ended.
fn last_with<'a>(prior: Option<&'a Model>, outcome: &OutcomeWord) -> Option<&'a String> {
    let last = prior?.last_deployment.known()?;
    let ended_so = last.outcome.known() == Some(outcome);
    last.to_task_definition.known().filter(|_| ended_so)
}

#[cfg(test)]
mod tests {
    use super::super::model::LastDeploymentModel;
    use super::*;

    fn record(from: &str, to: &str, outcome: RecordOutcome) -> DeploymentRecord {
        DeploymentRecord {
            id: None,
            outcome,
            reason: String::new(),
            from_task_definition: Some(from.to_owned()),
            to_task_definition: to.to_owned(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            finished_at: jiff::Timestamp::UNIX_EPOCH,
            duration_seconds: 0,
            recovery_seconds: None,
            controller: None,
            new_target_group: None,
            old_target_group: None,
            timeline: Vec::new(),
            gates: Vec::new(),
            readings: Vec::new(),
            events: Vec::new(),
            alarms: Vec::new(),
            failure: None,
            score: None,
            images: Vec::new(),
            quarantine: false,
        }
    }

    /// What is remembered after `record`, when the deployment before `record` succeeded with `last`.
    fn after(
        last: Option<&str>,
        known: &[&str],
        record: &DeploymentRecord,
        back: Option<&str>,
    ) -> Vec<String> {
        let memory = Memory {
            was_live: known.iter().map(|&name| name.to_owned()).collect(),
            ..Memory::default()
        };
        let prior = last.map(|to| Model {
            last_deployment: Attr::Known(LastDeploymentModel {
                outcome: Attr::Known(OutcomeWord::Succeeded),
                to_task_definition: Attr::Known(to.to_owned()),
                ..LastDeploymentModel::default()
            }),
            ..Model::default()
        });
        let back = back.map(|to| Back { to: to.to_owned() });
        remembered(&memory, prior.as_ref(), Some(record), back.as_ref())
    }

    #[test]
    fn what_was_live_is_remembered_newest_first_and_not_for_ever() {
        let good = RecordOutcome::Succeeded;
        assert_eq!(after(None, &[], &record("a", "b", good), None), ["a"]);
        let full = ["d", "c", "b", "a"];
        let next = after(Some("e"), &full, &record("e", "f", good), None);
        assert_eq!(next, ["e", "d", "c", "b"]);
        // Somebody else had deployed `x` meanwhile.
        let next = after(Some("b"), &["a"], &record("x", "c", good), None);
        assert_eq!(next, ["x", "b", "a"]);
    }

    #[test]
    fn names_are_short_and_arns_of_older_states_are_known() {
        let arn = |name: &str| format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{name}");
        let (b, c) = (arn("web:2"), arn("web:3"));
        let next = record(&b, &c, RecordOutcome::Succeeded);
        assert_eq!(after(Some("web:2"), &[], &next, None), ["web:2"]);
        // What is live was repeated there.
        let old = [b.as_str(), &arn("web:1")];
        assert_eq!(
            after(Some("web:2"), &old, &next, None),
            ["web:2", &arn("web:1")]
        );
    }

    #[test]
    fn going_back_forgets_what_came_after() {
        let good = RecordOutcome::Succeeded;
        let known = ["b", "a"];
        let back = after(Some("c"), &known, &record("c", "b", good), Some("b"));
        assert_eq!(back, ["a"]);
        // The same was registered once more.
        let back = after(Some("c"), &known, &record("c", "b2", good), Some("b"));
        assert_eq!(back, ["a"]);
        // A snapshot from before all that is remembered.
        let back = after(Some("c"), &known, &record("c", "x", good), Some("x"));
        assert_eq!(back, [""; 0]);
    }

    #[test]
    fn what_failed_was_not_live() {
        for outcome in [
            RecordOutcome::Cancelled,
            RecordOutcome::Failed,
            RecordOutcome::LeftRunning,
            RecordOutcome::RolledBack,
        ] {
            let left = after(Some("b"), &["a"], &record("b", "c", outcome), None);
            assert_eq!(left, ["b", "a"], "its account no longer says it");
        }
        let unhealthy = record("b", "c", RecordOutcome::Unhealthy);
        assert_eq!(after(Some("b"), &["c", "a"], &unhealthy, None), ["b", "a"]);
    }
}
