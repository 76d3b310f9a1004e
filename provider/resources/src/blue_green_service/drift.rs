//! What somebody else has changed on a service since the state was written: one warning.

use switchyard_engine::Live;
use switchyard_engine::ports::{Controller, Ports, ServiceRef};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, ToValue};

use super::memory::Memory;
use super::model::Model;
use super::owner::TaskDefinitionOwner;
use super::words::OutcomeWord;
use crate::drift::{self, CONFIGURATION, Difference, Frame, TagsBefore};
use crate::{emergency, names};

const TYPE: &str = "switchyard_blue_green_service";

/// Attributes that repeat what another one says, or that somebody else reports: `tags_all` has all tags, of which the plan
/// reports what the apply puts back; `unfinished` is our own note.
const REPEATED: [&str; 3] = ["tags", "tags_all", "unfinished"];

/// Rules that tell of another revision, the most telling first.
const REVISIONS: [&str; 4] = [
    "service.images",
    "service.task-definition-gone",
    "service.task-definition",
    "service.live-revision",
];

/// Attributes that only another deployment changes.
const DEPLOYED: [&str; 13] = [
    "additional_load_balancer",
    "service_connect_configuration",
    "service_registries",
    "volume_configuration",
    "vpc_lattice_configurations",
    "task_definition",
    "live_task_definition",
    "images",
    "network_configuration",
    "load_balancer",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
];

/// The warning about what differs between the state and what was read; nothing when all differences are
/// expected, or our own.
pub(super) async fn warning(
    ports: &Ports,
    (prior, memory): (&Model, &Memory),
    found: &Model,
    live: &Live,
) -> Option<Diagnostic> {
    if !is_comparable(prior, memory, live) {
        return None;
    }
    let mut differences = differences(prior, found);
    // Nobody has said how many there are to be. That nothing answers is told all the same.
    let is_gone = found.desired_count == Attr::Known(0);
    differences.retain(|it| it.attribute() != "desired_count" || !memory.any_count || is_gone);
    // A message of its own says where that comes from.
    let (note, now) = (live.emergency.as_deref(), ports.clock.now());
    let left_over = emergency::is_left_over(note, live.service.desired, now);
    differences.retain(|it| it.attribute() != "desired_count" || !left_over);
    let since = if differences.iter().any(is_deployed) {
        since(ports, prior, live).await
    } else {
        None
    };
    told(found, &differences, since.as_deref())
}

/// Whether a difference means that somebody else has changed something. An import has left nothing to compare with.
fn is_comparable(prior: &Model, memory: &Memory, live: &Live) -> bool {
    prior.arn.is_known() && !memory.adopted && !is_our_own(prior, live)
}

/// The tags that somebody else has changed, for the plan.
pub(super) fn tags_before(
    (prior, memory): (&Model, &Memory),
    found: &Model,
    live: &Live,
) -> TagsBefore {
    if is_comparable(prior, memory, live) {
        drift::tags_before(&prior.tags_all, &found.tags_all)
    } else {
        TagsBefore::new()
    }
}

/// The warning about tags that somebody else has changed and the apply puts back.
pub(super) fn tags_warning(memory: &Memory, prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let back = drift::tags_put_back(
        TYPE,
        &memory.tags_before,
        &prior.to_value(),
        &planned.tags_all,
    );
    told(prior, &back, None)
}

/// Whether an interrupted apply of ours explains what is there: it left a note, or the deployment that it did not
/// see to its end is live now.
fn is_our_own(prior: &Model, live: &Live) -> bool {
    !live.unfinished.is_empty() || is_deployed_by_us(prior, live.revision.task_definition.as_ref())
}

fn is_deployed_by_us(prior: &Model, live: Option<&String>) -> bool {
    let Some(last) = prior.last_deployment.known() else {
        return false;
    };
    let is_open = matches!(
        last.outcome,
        Attr::Known(OutcomeWord::Cancelled | OutcomeWord::Failed | OutcomeWord::LeftRunning)
    );
    let to = last.to_task_definition.known();
    is_open
        && to
            .zip(live)
            .is_some_and(|(to, live)| names::same_task_definition(to, live))
}

/// The differences that are not expected, worst first.
fn differences(prior: &Model, found: &Model) -> Vec<Difference> {
    if prior == found {
        return Vec::new();
    }
    let (prior, found) = (prior.to_value(), found.to_value());
    let mut differences = drift::differences(TYPE, &REPEATED, &prior, &found);
    // Another image is another revision: that is one difference. The first of these says it best.
    if let Some(best) = REVISIONS
        .into_iter()
        .find(|id| differences.iter().any(|found| found.rule.id == *id))
    {
        differences.retain(|found| {
            let id = found.rule.id;
            id == best || !REVISIONS.contains(&id)
        });
    }
    differences
}

fn is_deployed(difference: &Difference) -> bool {
    DEPLOYED.contains(&difference.attribute())
}

/// Who decides about an attribute.
fn owner(attribute: &str, found: &Model) -> String {
    let by = match attribute {
        "desired_count" => {
            let owner = found.desired_count_owner.known();
            owner.map(|owner| ("desired_count_owner", owner.word()))
        }
        "task_definition" | "live_task_definition" | "images" => {
            let owner = found.task_definition_owner.known();
            owner.map(|owner| ("task_definition_owner", owner.word()))
        }
        _ => None,
    };
    match by {
        Some((name, word)) => format!("{CONFIGURATION} (`{name} = \"{word}\"`)"),
        None => CONFIGURATION.to_owned(),
    }
}

/// Since when, if AWS knows: the newest deployment that is not ours.
async fn since(ports: &Ports, prior: &Model, live: &Live) -> Option<String> {
    let service = &live.service;
    if service.controller != Controller::Ecs {
        let mut sets = service.task_sets.iter();
        let serving =
            sets.find(|set| Some(&set.task_definition) == live.revision.task_definition.as_ref())?;
        let at = serving.created_at?;
        return Some(format!("The task set that serves was created at {at}."));
    }
    let named = ServiceRef {
        cluster: service.cluster_arn.clone(),
        name: service.name.clone(),
    };
    // Only told when it can be read: the difference is true without it.
    let newest = ports.services.list_deployments(&named, 1).await.ok()?;
    let newest = newest.into_iter().next()?;
    let last = prior.last_deployment.known();
    if last.and_then(|last| last.id.known()) == Some(&newest.arn) {
        return None;
    }
    let at = newest.created_at?;
    Some(format!(
        "It came with the deployment at {at} ({}).",
        newest.arn
    ))
}

fn told(found: &Model, differences: &[Difference], since: Option<&str>) -> Option<Diagnostic> {
    let name = found.name.known().map_or("", String::as_str);
    let may_be_pipeline = TaskDefinitionOwner::of(found) == Some(TaskDefinitionOwner::Terraform)
        && differences
            .iter()
            .any(|difference| difference.rule.id == "service.task-definition");
    let frame = Frame {
        subject: format!("Service `{name}`"),
        owner: &|difference| owner(difference.attribute(), found),
        since: &|difference| {
            since
                .filter(|_| is_deployed(difference))
                .map(str::to_owned)
        },
        advice: may_be_pipeline.then_some(
            "If a pipeline deploys this service, set `task_definition_owner` to `external` or `images`; its \
             deployments are then no longer a difference.",
        ),
    };
    drift::warning(&frame, differences)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;
    use switchyard_drift::Change;
    use tfplugin::resource::Resource;

    use super::super::BlueGreenService;
    use super::super::model::LastDeploymentModel;
    use super::*;

    /// What a read never takes from AWS.
    const OURS: [&str; 27] = [
        "before_traffic",
        "cluster",
        "codedeploy",
        "deployment",
        "deploys",
        "desired_count_bounds",
        "desired_count_owner",
        "gate",
        "health_score",
        "id",
        "last_deployment",
        "last_snapshots",
        "name",
        "notify",
        "on_cancel",
        "on_foreign_deployment",
        "preflight",
        "quarantined_images",
        "redeploy_failed",
        "redeploy_triggers",
        "report_path",
        "restore_snapshot",
        "snapshots",
        "revision_retention",
        "task_definition_owner",
        "timeouts",
        "will_deploy",
    ];

    #[test]
    fn every_attribute_has_a_rule_or_is_never_read() {
        let block = BlueGreenService.schema().block;
        let attributes = block.attributes.into_iter().map(|attribute| attribute.name);
        let blocks = block.blocks.into_iter().map(|block| block.name);
        for path in attributes.chain(blocks) {
            let change = Change {
                resource_type: TYPE,
                path: &path,
                from: &Json::from(1),
                to: &Json::from(2),
                object: &Json::Null,
            };
            let has_rule = change.classified().rule.is_some();
            assert_eq!(has_rule, !OURS.contains(&path.as_str()), "{path}");
        }
    }

    fn left(outcome: &str, to: &str) -> Model {
        Model {
            last_deployment: Attr::Known(LastDeploymentModel {
                outcome: Attr::Known(OutcomeWord::parse(outcome)),
                to_task_definition: Attr::Known(to.to_owned()),
                ..LastDeploymentModel::default()
            }),
            ..Model::default()
        }
    }

    #[test]
    fn a_deployment_that_was_left_running_is_our_own() {
        for (outcome, to, expected) in [
            ("left_running", "web:2", true),
            ("cancelled", "web:2", true),
            ("failed", "web:2", true),
            ("left_running", "web:3", false),
            ("succeeded", "web:2", false),
            ("rolled_back", "web:2", false),
        ] {
            let ours = is_deployed_by_us(&left(outcome, to), Some(&"web:2".to_owned()));
            assert_eq!(ours, expected, "{outcome} {to}");
        }
        assert!(!is_deployed_by_us(&left("left_running", "web:2"), None));
        assert!(!is_deployed_by_us(&Model::default(), None));
    }
}
