//! Refresh: the document the state names must still be there, and be what it was.

use switchyard_engine::ports::{Error, ErrorKind, Place, ServiceRef};
use switchyard_engine::snapshot::{self, Snapshot, SnapshotId, Stored, Unreadable};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{ReadRequest, Refreshed};
use tfplugin::value::Attr;

use super::identity_value;
use super::model::{Model, id};
use crate::client::Client;
use crate::snapshots::place;
use crate::snapshots::said::Code;

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let recorded = request.state;
    let is_new = recorded.checksum.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(recorded));
    }
    let client = context.client()?;
    let (Some(service), Some(place), Some(wanted)) = (
        recorded.of.service_ref(),
        recorded.place.place(),
        recorded.recorded(),
    ) else {
        return Err(Diagnostics::bug(
            "reading the snapshot",
            "the state has no service, no place or no id",
        ));
    };
    let named = Named {
        service: &service,
        place: &place,
        id: wanted,
    };
    match snapshot::read(client.ports(), &place, &service, &wanted).await {
        Ok(Some(Stored { location, content })) => match content {
            Ok(found) => Ok(present(refreshed(&recorded, &named, location, &found))),
            Err(why) if is_new => Err(named.unreadable_at_import(&location, &why).into()),
            Err(why) => {
                let warning = named.unreadable(&location, &why);
                Ok(present(unreadable(recorded, &why)).warning(warning))
            }
        },
        Ok(None) => Ok(Refreshed::gone().warning(named.gone())),
        Err(error) if error.kind == ErrorKind::NotFound => {
            Ok(Refreshed::gone().warning(named.place_gone(&error)))
        }
        Err(error) => Err(named.not_looked(&error).into()),
    }
}

fn present(state: Model) -> Refreshed<Model> {
    let identity = identity_value(&state);
    Refreshed::present(state).identity(identity)
}

/// The state with what the stored document says; an import gets the defaults besides.
fn refreshed(recorded: &Model, named: &Named<'_>, location: String, found: &Snapshot) -> Model {
    let defaults = Model::defaults();
    let state = Model {
        location: Attr::Known(location),
        delete_on_destroy: recorded.delete_on_destroy.or(defaults.delete_on_destroy),
        pruned: recorded.pruned.clone().or(Attr::Known(Vec::new())),
        ..recorded.clone()
    };
    described(state, named.service, found)
}

/// The state with everything that the document itself says.
pub(super) fn described(state: Model, service: &ServiceRef, found: &Snapshot) -> Model {
    let condition = found.condition();
    Model {
        id: Attr::Known(id(service, &found.id())),
        snapshot_id: Attr::Known(found.id().to_string()),
        checksum: Attr::Known(found.checksum()),
        taken_at: Attr::Known(found.taken_at().to_string()),
        condition: Attr::Known(condition.word().to_owned()),
        condition_reasons: Attr::Known(condition.reasons().to_vec()),
        document: Attr::Known(found.to_json()),
        ..state
    }
}

/// What the state remembers stays; only the condition tells.
fn unreadable(recorded: Model, why: &Unreadable) -> Model {
    Model {
        condition: Attr::Known("unreadable".to_owned()),
        condition_reasons: Attr::Known(vec![why.to_string()]),
        ..recorded
    }
}

/// The snapshot a state names.
struct Named<'a> {
    service: &'a ServiceRef,
    place: &'a Place,
    id: SnapshotId,
}

impl Named<'_> {
    fn gone(&self) -> Diagnostic {
        let next = match self.place {
            Place::Folder(_) => {
                "The plan takes a new one. A folder exists on one machine only: if Terraform runs on several \
                 machines, or on a fresh one every time, keep snapshots in a `bucket`. A relative folder starts \
                 where Terraform runs."
            }
            Place::Bucket { .. } => {
                "The plan takes a new one. If the bucket is versioned, you can restore the deleted object before \
                 you apply."
            }
        };
        Code::Gone.warning(
            format!(
                "Snapshot `{}` of service `{}` is gone",
                self.id, self.service.name
            ),
            format!(
                "It is no longer in {}, so it was removed from the state. Nothing else was changed.\n\n{next}",
                place::said(self.place)
            ),
        )
    }

    fn place_gone(&self, error: &Error) -> Diagnostic {
        Code::Gone.warning(
            format!(
                "Snapshot `{}` of service `{}` is gone",
                self.id, self.service.name
            ),
            format!(
                "{} no longer exists ({}), so the snapshot was removed from the state. Nothing else was \
                 changed.\n\nThe plan takes a new one: create the bucket again before you apply, or name a \
                 different place.",
                place::said(self.place),
                error.message
            ),
        )
    }

    fn unreadable(&self, location: &str, why: &Unreadable) -> Diagnostic {
        Code::Unreadable.warning(
            format!(
                "Snapshot `{}` of service `{}` cannot be read",
                self.id, self.service.name
            ),
            format!(
                "{location} is not what was stored there. {why}\n\nIt was not changed, and nothing will overwrite \
                 or delete it. The state still has what was recorded, including the `document`.\n\nRestore the \
                 original, or take a new snapshot: change a value of `triggers`, or apply with `-replace`."
            ),
        )
    }

    fn unreadable_at_import(&self, location: &str, why: &Unreadable) -> Diagnostic {
        Code::Unreadable.error(
            format!(
                "Snapshot `{}` of service `{}` cannot be imported",
                self.id, self.service.name
            ),
            format!(
                "What is stored in {location} cannot be read. {why}\n\nNothing was imported, and nothing was \
                 changed. Restore the original, or import a different one."
            ),
        )
    }

    fn not_looked(&self, error: &Error) -> Diagnostic {
        Code::NotLooked.failed(
            format!(
                "It is not known whether snapshot `{}` of service `{}` exists",
                self.id, self.service.name
            ),
            &format!(
                "{} could not be read; the state did not change.",
                place::said(self.place)
            ),
            error,
        )
    }
}
