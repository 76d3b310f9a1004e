//! Create, update and delete: the engine does the work, this file keeps the records.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Error, Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{self, Retention, Snapshot, SnapshotId, Taken};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::model::Model;
use super::{identity_value, read};
use crate::client::Client;
use crate::snapshots::place;
use crate::snapshots::said::Code;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    applied(context, None, &request.planned).await
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    applied(context, Some(&request.prior), &request.planned).await
}

async fn applied(
    context: &Context<Client>,
    prior: Option<&Model>,
    planned: &Model,
) -> Applied<Model> {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let Some(wanted) = Wanted::of(planned) else {
        return Applied::untouched(Diagnostics::bug(
            "applying the snapshot",
            "the plan contains a value that is unknown or not valid",
        ));
    };
    let ports = client.ports();
    let kept = match prior {
        // Nothing to do in the places: settings of the resource itself.
        Some(_) if !planned.pruned.is_unknown() => {
            return with_identity(Applied::done(planned.clone()));
        }
        Some(prior) if planned.snapshot_id.is_known() => recorded(prior),
        prior => wanted.captured(ports, &reason(prior, planned)).await,
    };
    let applied = match kept {
        Ok(snapshot) => wanted.stored(ports, planned, &snapshot).await,
        Err(error) => Applied::untouched(error),
    };
    with_identity(applied)
}

fn with_identity(applied: Applied<Model>) -> Applied<Model> {
    let identity = applied.state().and_then(identity_value);
    applied.identity(identity)
}

/// The snapshot that the state has: it is copied, or others are tidied up, without a new one.
fn recorded(prior: &Model) -> Result<Snapshot, Diagnostic> {
    let document = prior.document.as_deref().known_or("");
    Snapshot::parse(document.as_bytes()).map_err(|why| {
        Code::Unreadable.error(
            "The snapshot in the state cannot be read",
            format!(
                "{why}\n\nNothing was changed. Take a new snapshot: change a value of `triggers`, or apply with `-replace`."
            ),
        )
    })
}

/// Why a new snapshot is taken, as it stands in the document.
fn reason(prior: Option<&Model>, planned: &Model) -> String {
    let Some(prior) = prior else {
        return "created by Terraform".to_owned();
    };
    let none = BTreeMap::new();
    let before = prior.triggers.known().unwrap_or(&none);
    let after = planned.triggers.known().unwrap_or(&none);
    let mut names: Vec<&str> = before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)))
        .filter(|name| before.get(*name) != after.get(*name))
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    if names.is_empty() {
        "snapshots are kept in a different place".to_owned()
    } else {
        format!("changed: {}", names.join(", "))
    }
}

/// What a plan asks for, parsed.
struct Wanted {
    service: ServiceRef,
    place: Place,
    copy: Option<Place>,
    retention: Retention,
}

impl Wanted {
    fn of(planned: &Model) -> Option<Self> {
        Some(Self {
            service: planned.of.service_ref()?,
            place: planned.place.place()?,
            copy: planned.copy_to.settled(place::of_bucket)?,
            retention: planned.kept.retention()?,
        })
    }

    async fn captured(&self, ports: &Ports, reason: &str) -> Result<Snapshot, Diagnostic> {
        match snapshot::capture(ports, &self.service, reason).await {
            Ok(Some(snapshot)) => Ok(snapshot),
            Ok(None) => Err(no_service(&self.service)),
            Err(error) => Err(self.not_taken(&error)),
        }
    }

    async fn stored(&self, ports: &Ports, planned: &Model, found: &Snapshot) -> Applied<Model> {
        let copy = self.copy.as_ref();
        let outcome = snapshot::take(ports, &self.place, copy, found, &self.retention).await;
        let taken = match outcome {
            Ok(taken) => taken,
            Err(error) => return Applied::untouched(self.not_taken(&error)),
        };
        let mut warnings = Vec::new();
        let copy_location = match &taken.copied {
            None => Attr::Null,
            Some(Ok(location)) => Attr::Known(location.clone()),
            Some(Err(error)) => {
                warnings.push(self.not_copied(&taken, error));
                Attr::Null
            }
        };
        if let Some(error) = &taken.not_pruned {
            warnings.push(self.not_tidied(error));
        }
        let state = Model {
            location: Attr::Known(taken.location),
            copy_location,
            pruned: Attr::Known(taken.pruned.iter().map(SnapshotId::to_string).collect()),
            ..planned.clone()
        };
        let state = read::described(state, &self.service, found);
        warnings
            .into_iter()
            .fold(Applied::done(state), Applied::warning)
    }

    fn not_taken(&self, error: &Error) -> Diagnostic {
        Code::NotTaken.failed(
            format!("No snapshot of service `{}` was stored", self.service.name),
            &format!(
                "Nothing in {} was changed, and the state did not change.",
                place::said(&self.place)
            ),
            error,
        )
    }

    fn not_copied(&self, taken: &Taken, error: &Error) -> Diagnostic {
        Code::NotCopied.warned(
            format!(
                "Snapshot `{}` of service `{}` is stored, but not copied",
                taken.id, self.service.name
            ),
            &format!(
                "The snapshot is complete in {}. There is no copy of it; the next apply tries again.",
                taken.location
            ),
            error,
        )
    }

    fn not_tidied(&self, error: &Error) -> Diagnostic {
        Code::NotTidied.warned(
            format!(
                "Old snapshots of service `{}` could not all be deleted",
                self.service.name
            ),
            "The new snapshot is stored. Older ones that `retention` would delete still exist; the next snapshot \
             tries again.",
            error,
        )
    }
}

/// The error for a service that is not there.
fn no_service(service: &ServiceRef) -> Diagnostic {
    Code::NoService.error(
        format!("There is no service `{}` to take a snapshot of", service.name),
        format!(
            "Cluster `{}` has no active service with this name. Nothing was stored.\n\nCreate the service first: \
             refer to the attributes of its resource, so that Terraform creates it first. Or correct `cluster` and \
             `service`.",
            service.cluster_name()
        ),
    )
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let prior = request.prior;
    if prior.delete_on_destroy != Attr::Known(true) {
        return Deleted::done();
    }
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let (Some(service), Some(place), Some(id)) = (
        prior.of.service_ref(),
        prior.place.place(),
        prior.recorded(),
    ) else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the snapshot",
            "the state has no service, no place or no id",
        ));
    };
    match removed(client.ports(), &place, &service, &id).await {
        Ok(None) => Deleted::done(),
        Ok(Some(why)) => Deleted::done().warning(stays(&service, &place, &id, &why)),
        Err(error) => Deleted::failed(Code::NotLooked.failed(
            format!(
                "Snapshot `{id}` of service `{}` was not deleted",
                service.name
            ),
            "It may still be stored; the state did not change.",
            &error,
        )),
    }
}

/// Deletes the snapshot, unless it has to stay; then, why.
async fn removed(
    ports: &Ports,
    place: &Place,
    service: &ServiceRef,
    id: &SnapshotId,
) -> Result<Option<String>, Error> {
    let names = snapshot::names(ports, place, service).await?;
    let named = names.iter().filter(|named| named.id == *id);
    let entries = snapshot::open(ports, place, service, named).await?;
    let Some(entry) = entries.into_iter().next() else {
        return Ok(None);
    };
    if entry.pinned {
        return Ok(Some(
            "It is pinned: a service has it as `restore_snapshot`. Remove `restore_snapshot` there, apply, and \
             delete the snapshot by hand if it is not needed."
                .to_owned(),
        ));
    }
    if let Err(why) = entry.content {
        return Ok(Some(format!(
            "It cannot be read, so it may belong to somebody else. {why} Delete it by hand if it is not needed."
        )));
    }
    snapshot::delete(ports, place, service, id).await?;
    Ok(None)
}

fn stays(service: &ServiceRef, place: &Place, id: &SnapshotId, why: &str) -> Diagnostic {
    Code::Stays.warning(
        format!("Snapshot `{id}` of service `{}` stays stored", service.name),
        format!(
            "It is no longer in the state, but still in {}.\n\n{why}",
            snapshot::location(place, service, id)
        ),
    )
}
