//! Going back to a snapshot: which task definition that is, and what the plan says about it.

use switchyard_engine::ports::{Error, ErrorKind, Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{
    self, Home, Restorable, Snapshot, SnapshotCondition, SnapshotDifference, SnapshotId, Stored,
    difference_text,
};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::memory::{Memory, Restored};
use super::model::{Model, known_set};
use super::snapshots::{SnapshotSettings, find_configured_routes};
use crate::names;
use crate::snapshots::place;
use crate::snapshots::said::Code;

/// What a plan or an apply goes back to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// The tasks run what `task_definition` or `images` say.
    None,
    /// The id or the place is still to be learned.
    Unknown,
    /// This task definition, of this snapshot.
    Known(Restored),
}

impl Target {
    /// As far as it is known.
    pub(super) fn known(&self) -> Option<&Restored> {
        match self {
            Self::Known(restored) => Some(restored),
            Self::None | Self::Unknown => None,
        }
    }
}

/// Finds out what `restore_snapshot` means. Snapshots never change, so what is remembered of one is not read again.
///
/// # Errors
/// It cannot be gone back to.
pub(super) async fn target(
    ports: Option<&Ports>,
    memory: &Memory,
    planned: &Model,
) -> Result<Target, Diagnostic> {
    let id = match &planned.restore_snapshot {
        Attr::Null => return Ok(Target::None),
        Attr::Unknown => return Ok(Target::Unknown),
        Attr::Known(id) => id,
    };
    if let Some(restored) = memory.restored.as_ref().filter(|it| it.snapshot == *id) {
        return Ok(Target::Known(restored.clone()));
    }
    let (Some(ports), Some(kept), Some(service), Ok(id)) = (
        ports,
        SnapshotSettings::of(planned),
        names::service_ref(&planned.cluster, &planned.name),
        id.parse::<SnapshotId>(),
    ) else {
        return Ok(Target::Unknown);
    };
    let found = found(ports, &kept, &service, &id).await?;
    let own = home(ports, planned, &service).await.map_err(|error| {
        Code::NotLooked
            .failed(
                format!("It is not known whether snapshot `{id}` can be restored"),
                "Nothing was changed. The service could not be read.",
                &error,
            )
            .at(attribute())
    })?;
    if let (Some(own), Some(of)) = (own, found.home())
        && own != of
    {
        return Err(elsewhere(&service, &id, &own, &of));
    }
    match snapshot::restorable(ports, &found).await {
        Ok(Restorable::Active(arn) | Restorable::Inactive { arn }) => Ok(Target::Known(Restored {
            snapshot: id.to_string(),
            task_definition: arn,
            runs_as: None,
        })),
        Ok(Restorable::Deleted { arn, reason }) => Err(deleted(&id, &arn, &reason)),
        Err(error) => Err(Code::NotLooked
            .failed(
                format!("It is not known whether snapshot `{id}` can be restored"),
                "Nothing was changed. Its task definition could not be read.",
                &error,
            )
            .at(attribute())),
    }
}

/// Account and region of the service; before it is made, those of what it will use.
async fn home(ports: &Ports, planned: &Model, service: &ServiceRef) -> Result<Option<Home>, Error> {
    let live = ports.services.find_service(service).await?;
    let groups = planned
        .load_balancer
        .known()
        .and_then(|balancer| known_set(&balancer.target_groups));
    let arns = live
        .map(|live| live.arn)
        .into_iter()
        .chain([service.cluster.clone()])
        .chain(groups.into_iter().flatten());
    Ok(arns.into_iter().find_map(|arn| Home::of_arn(&arn)))
}

fn elsewhere(service: &ServiceRef, id: &SnapshotId, own: &Home, of: &Home) -> Diagnostic {
    Code::OfAnother
        .error(
            format!(
                "Snapshot `{id}` is of a different service than `{}`",
                service.name
            ),
            format!(
                "Nothing was changed. The service is in {own}; the snapshot is of a service with the same cluster \
                 and name in {of}, whose task definitions, target groups and roles do not exist in {own}.\n\nChoose \
                 a snapshot of this service: the data source `switchyard_deployment_snapshots` lists them."
            ),
        )
        .at(attribute())
}

/// The snapshot, from its place or from its copy.
async fn found(
    ports: &Ports,
    kept: &SnapshotSettings,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<Snapshot, Diagnostic> {
    let mut problem = None;
    for place in std::iter::once(&kept.place).chain(&kept.copy) {
        match snapshot::read(ports, place, service, id).await {
            Ok(Some(Stored {
                content: Ok(snapshot),
                ..
            })) => return Ok(snapshot),
            Ok(None) => {
                problem.get_or_insert_with(|| gone(service, id, place));
            }
            Ok(Some(Stored {
                location: at,
                content: Err(why),
            })) => {
                problem = Some(Code::Unreadable.error(
                    format!("Snapshot `{id}` of service `{}` cannot be used", service.name),
                    format!(
                        "Nothing was changed. {why}\n\nIt is in {at}. Choose a different snapshot, or restore the \
                         original (a versioned bucket still has it)."
                    ),
                ));
            }
            Err(error) => {
                problem = Some(Code::NotLooked.failed(
                    format!(
                        "Snapshot `{id}` of service `{}` could not be read",
                        service.name
                    ),
                    "Nothing was changed.",
                    &error,
                ));
            }
        }
    }
    let problem = problem.unwrap_or_else(|| gone(service, id, &kept.place));
    Err(problem.at(attribute()))
}

fn gone(service: &ServiceRef, id: &SnapshotId, at: &Place) -> Diagnostic {
    Code::Gone.error(
        format!("There is no snapshot `{id}` of service `{}`", service.name),
        format!(
            "Nothing was changed. It is not in {}.\n\nThe data source `switchyard_deployment_snapshots` lists the \
             existing ones; `last_snapshots` has the ids of those of the last deployment.",
            place::said(at)
        ),
    )
}

fn deleted(id: &SnapshotId, arn: &str, reason: &str) -> Diagnostic {
    Code::NotRestorable
        .error(
            format!("Snapshot `{id}` cannot be restored: its task definition is gone"),
            format!(
                "Nothing was changed. The tasks ran {arn}. {reason} A snapshot contains no values of environment \
                 variables, so the task definition cannot be created from it alone.\n\nChoose a different snapshot, \
                 or register the task definition again (the document of the snapshot says what it was) and name it \
                 in `task_definition`."
            ),
        )
        .at(attribute())
}

fn attribute() -> Path {
    Path::root().attribute("restore_snapshot")
}

/// Whether going back is a deployment.
pub(super) fn change(target: &Target, live: &Attr<String>) -> Attr<bool> {
    match (target, live) {
        (Target::None, _) => Attr::Known(false),
        (Target::Unknown, _) | (Target::Known(_), Attr::Unknown) => Attr::Unknown,
        (Target::Known(_), Attr::Null) => Attr::Known(true),
        (Target::Known(restored), Attr::Known(live)) => Attr::Known(!restored.is(live)),
    }
}

impl Restored {
    /// Whether this is the revision, or the one it was registered again as.
    fn is(&self, live: &str) -> bool {
        let is_again = self.runs_as.as_deref() == Some(live);
        is_again || names::same_task_definition(&self.task_definition, live)
    }
}

/// What the plan says when a service is about to go back.
pub(super) async fn announcement(
    ports: &Ports,
    prior: Option<&Model>,
    planned: &Model,
    target: &Target,
    is_short: bool,
) -> Option<Diagnostic> {
    let restored = target.known()?;
    let before = prior.map(|prior| &prior.restore_snapshot);
    if before == Some(&planned.restore_snapshot) {
        return None;
    }
    let (kept, service) = (
        SnapshotSettings::of(planned)?,
        names::service_ref(&planned.cluster, &planned.name)?,
    );
    let id = restored.snapshot.parse::<SnapshotId>().ok()?;
    let found = found(ports, &kept, &service, &id).await.ok()?;
    let now = match find_configured_routes(ports, planned).await {
        Ok(routes) => snapshot::capture_with(ports, &service, "plan", &routes)
            .await
            .ok()
            .flatten(),
        Err(_) => None,
    };
    let mut paragraphs = vec![format!(
        "It was taken on {} ({}), {}. The tasks will run {} again, {}",
        found.taken_at(),
        found.reason(),
        condition(found.condition()),
        restored.task_definition,
        if is_short {
            "all at once, to restore production soon: when the gates of `before_traffic` have passed, all traffic \
             moves. To deploy it like any other change, set `deployment.rollback_strategy = \"same\"`."
        } else {
            "and deployed like any other change: strategy, gates and alarms apply."
        },
    )];
    if let Some(now) = now {
        paragraphs.extend(told(&snapshot::difference(&now, &found)));
    }
    paragraphs.push(
        "While `restore_snapshot` is set, it decides what tasks run. Remove it to deploy what the configuration says."
            .to_owned(),
    );
    let summary = format!("Service `{}` returns to snapshot `{id}`", service.name);
    Some(
        Code::Restores
            .warning(summary, paragraphs.join("\n\n"))
            .at(attribute()),
    )
}

fn condition(condition: &SnapshotCondition) -> String {
    match condition {
        SnapshotCondition::Good => "when the service was good".to_owned(),
        SnapshotCondition::Degraded(reasons) => {
            format!("when the service was NOT good: {}", reasons.join(" "))
        }
    }
}

/// What comes back, and what was different then and does not.
fn told(differences: &[SnapshotDifference]) -> Vec<String> {
    let (back, stays): (Vec<SnapshotDifference>, Vec<SnapshotDifference>) = differences
        .iter()
        .filter(|difference| !is_of_the_side(difference))
        .cloned()
        .partition(SnapshotDifference::is_restored);
    let mut paragraphs = Vec::new();
    paragraphs.push(if back.is_empty() {
        "Tasks already run what they ran then.".to_owned()
    } else {
        format!("What changes:\n{}", difference_text(&back).trim_end())
    });
    if !stays.is_empty() {
        paragraphs.push(format!(
            "These were different then and stay as they are now, because the configuration, the autoscaler or the \
             controller owns them:\n{}",
            difference_text(&stays).trim_end()
        ));
    }
    paragraphs
}

/// Which of the two sides serves changes with every deployment, and means nothing.
fn is_of_the_side(difference: &SnapshotDifference) -> bool {
    let path = &difference.path;
    let of = |what: &str| path.starts_with(&format!("load_balancer.{what}"));
    of("live_target_groups")
        || of("rules") && path.contains(".weights")
        || of("target_groups") && (path.ends_with(".container") || path.ends_with(".port"))
}

/// Keeps the snapshot from being deleted while it is set.
///
/// # Errors
/// It is not pinned; nothing was changed.
pub(super) async fn pinned(ports: &Ports, planned: &Model) -> Result<(), Diagnostic> {
    let Some((kept, service, id)) = set(planned) else {
        return Ok(());
    };
    let mut outcome = snapshot::pin(ports, &kept.place, &service, &id).await;
    if let (Err(error), Some(copy)) = (&outcome, &kept.copy)
        && error.kind == ErrorKind::NotFound
    {
        outcome = snapshot::pin(ports, copy, &service, &id).await;
    }
    outcome.map_err(|error| {
        Code::NotPinned
            .failed(
                format!("Snapshot `{id}` of service `{}` could not be pinned", service.name),
                "Nothing was deployed. A pin prevents that a snapshot is deleted while a service is restored from \
                 it.",
                &error,
            )
            .at(attribute())
    })
}

/// Lets go the snapshot that is not set any more.
pub(super) async fn unpinned(ports: &Ports, former: &Model) -> Option<Diagnostic> {
    let (kept, service, id) = set(former)?;
    let places = std::iter::once(&kept.place).chain(&kept.copy);
    let mut error = None;
    for place in places {
        error = error.or(snapshot::unpin(ports, place, &service, &id).await.err());
    }
    let error = error?;
    Some(Code::NotPinned.warned(
        format!("Snapshot `{id}` of service `{}` stays pinned", service.name),
        "The service is no longer restored from it, but its pin could not be removed: retention will never delete \
         it. Delete the object next to it whose name ends with `.pin`.",
        &error,
    ))
}

fn set(model: &Model) -> Option<(SnapshotSettings, ServiceRef, SnapshotId)> {
    let id = model.restore_snapshot.known()?.parse().ok()?;
    Some((
        SnapshotSettings::of(model)?,
        names::service_ref(&model.cluster, &model.name)?,
        id,
    ))
}
