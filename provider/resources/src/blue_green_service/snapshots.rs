//! Snapshots of the service around its deployments.

use switchyard_engine::ports::{Error, Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{self, ConfiguredRoutes, Retention, SnapshotId, Taken};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::model::{LastSnapshotsModel, Model, SnapshotsModel, known_set, or_default};
use crate::snapshots::place;
use crate::snapshots::said::Code;

/// Where the service's snapshots are, and when one is taken.
#[derive(Clone, Debug)]
pub(super) struct SnapshotSettings {
    pub(super) place: Place,
    pub(super) copy: Option<Place>,
    retention: Retention,
    before: bool,
    after: bool,
}

/// When a snapshot is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SnapshotTiming {
    After,
    Before,
}

impl SnapshotTiming {
    fn reason(self) -> &'static str {
        match self {
            Self::After => "after a deployment",
            Self::Before => "before a deployment",
        }
    }
}

/// Ids of what was taken around one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TakenIds {
    pub(super) before: Option<SnapshotId>,
    pub(super) after: Option<SnapshotId>,
}

impl TakenIds {
    /// `last_snapshots`: null when none was taken.
    pub(super) fn model(&self) -> Attr<LastSnapshotsModel> {
        if *self == Self::default() {
            return Attr::Null;
        }
        let text = |id: &Option<SnapshotId>| Attr::from(id.as_ref().map(ToString::to_string));
        Attr::Known(LastSnapshotsModel {
            before: text(&self.before),
            after: text(&self.after),
        })
    }
}

impl SnapshotSettings {
    /// What `snapshots` says; `None` while it is unknown or absent.
    pub(super) fn of(model: &Model) -> Option<Self> {
        let snapshots = model.snapshots.known()?;
        let default = SnapshotsModel::defaults();
        Some(Self {
            place: snapshots.place.place()?,
            copy: snapshots.copy_to.settled(place::of_bucket)?,
            retention: snapshots.kept.retention()?,
            before: *or_default(&snapshots.before, &default.before)?,
            after: *or_default(&snapshots.after, &default.after)?,
        })
    }

    fn takes(&self, moment: SnapshotTiming) -> bool {
        match moment {
            SnapshotTiming::After => self.after,
            SnapshotTiming::Before => self.before,
        }
    }

    /// Takes one, if one is wanted at this moment and the service is there. What is worth a warning is beside it.
    ///
    /// # Errors
    /// None was stored.
    pub(super) async fn taken(
        &self,
        ports: &Ports,
        model: &Model,
        service: &ServiceRef,
        moment: SnapshotTiming,
    ) -> Result<(Option<SnapshotId>, Vec<Diagnostic>), Error> {
        if !self.takes(moment) {
            return Ok((None, Vec::new()));
        }
        let routes = find_configured_routes(ports, model).await?;
        let captured = snapshot::capture_with(ports, service, moment.reason(), &routes).await?;
        let Some(found) = captured else {
            return Ok((None, Vec::new()));
        };
        let copy = self.copy.as_ref();
        let taken = snapshot::take(ports, &self.place, copy, &found, &self.retention).await?;
        let warnings = warnings(service, &taken);
        Ok((Some(taken.id), warnings))
    }
}

/// What ECS does not know of the service's load balancing.
pub(super) async fn find_configured_routes(
    ports: &Ports,
    model: &Model,
) -> Result<ConfiguredRoutes, Error> {
    let Some(balancer) = model.load_balancer.known() else {
        return Ok(ConfiguredRoutes::default());
    };
    let rule = |rule: &Attr<String>| rule.known().cloned().into_iter().collect();
    let mut routes = ConfiguredRoutes {
        target_groups: known_set(&balancer.target_groups).unwrap_or_default(),
        production_rules: rule(&balancer.production_listener_rule),
        test_rules: rule(&balancer.test_listener_rule),
    };
    if let Some(code_deploy) = model.codedeploy.known()
        && let (Some(application), Some(group)) = (
            code_deploy.application.known(),
            code_deploy.deployment_group.known(),
        )
        && let Some(group) = ports.code_deploy.find_group(application, group).await?
    {
        routes.production_rules.extend(group.production_listeners);
        routes.test_rules.extend(group.test_listeners);
    }
    Ok(routes)
}

fn warnings(service: &ServiceRef, taken: &Taken) -> Vec<Diagnostic> {
    let at = || Path::root().attribute("snapshots");
    let mut found = Vec::new();
    if let Some(Err(error)) = &taken.copied {
        found.push(
            Code::NotCopied
                .warned(
                    format!(
                        "Snapshot `{}` of service `{}` is stored, but not copied",
                        taken.id, service.name
                    ),
                    &format!(
                        "The snapshot is complete in {}, and there is no copy of it. The deployment is not affected.",
                        taken.location
                    ),
                    error,
                )
                .at(at().attribute("copy_to")),
        );
    }
    if let Some(error) = &taken.not_pruned {
        found.push(
            Code::NotTidied
                .warned(
                    format!("Old snapshots of service `{}` could not all be deleted", service.name),
                    "The new snapshot is stored. Older ones that `retention` would delete still exist; the next \
                     snapshot tries again. The deployment is not affected.",
                    error,
                )
                .at(at()),
        );
    }
    found
}

/// The refusal of a deployment that could not be preceded by a snapshot.
pub(super) fn refused(service: &ServiceRef, error: &Error) -> Diagnostic {
    Code::NotTaken
        .failed(
            format!(
                "No snapshot of service `{}` could be stored, so nothing was deployed",
                service.name
            ),
            "The service did not change. `snapshots.before` requires a snapshot before every deployment; without \
             one there would be nothing to restore.",
            error,
        )
        .at(Path::root().attribute("snapshots"))
}

/// The warning about a snapshot that is missing after a deployment.
pub(super) fn missing_after(service: &ServiceRef, error: &Error) -> Diagnostic {
    Code::NotTaken
        .warned(
            format!(
                "No snapshot of service `{}` was stored after its deployment",
                service.name
            ),
            "The deployment itself is not affected, and the next deployment takes snapshots again.",
            error,
        )
        .at(Path::root().attribute("snapshots"))
}
