//! What an apply will change: a pure function of prior state and configuration, and what the places promise.

use std::collections::BTreeMap;

use switchyard_engine::ports::{Place, Ports};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::{Attr, Path};

use super::identity_value;
use super::memory::Memory;
use super::model::Model;
use crate::client::Client;
use crate::names;
use crate::snapshots::place::{self, DEFAULT_FOLDER, PlaceModel};
use crate::snapshots::said::Code;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior,
        config,
        proposed,
        private,
        ..
    } = request;
    let memory = match Memory::of(&private) {
        Ok(memory) => memory,
        Err(errors) => return Planned::refused(errors),
    };
    let proposed = Model {
        place: PlaceModel {
            folder: folder(&config.place),
            ..proposed.place
        },
        ..proposed
    };
    let planned = match &prior {
        None => created(proposed),
        Some(prior) => updated(prior, proposed, memory.imported),
    };
    let said = match context.client() {
        Ok(client) => tokio::select! {
            said = promises(client.ports(), &planned) => said,
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => Diagnostics::none(),
        },
        Err(_) => Diagnostics::none(),
    };
    let memory = Memory {
        imported: memory.imported && prior.as_ref() == Some(&planned),
    };
    let private = match memory.to_private() {
        Ok(private) => private,
        Err(errors) => return Planned::refused(errors),
    };
    let identity = identity_value(&planned);
    Planned::new(planned)
        .diagnostics(said)
        .private(private)
        .identity(identity)
}

/// What is written, or the default that holds when nothing is.
fn folder(config: &PlaceModel) -> Attr<String> {
    match (&config.folder, &config.bucket) {
        (Attr::Null, Attr::Null) => Attr::Known(DEFAULT_FOLDER.to_owned()),
        (Attr::Null, Attr::Unknown) => Attr::Unknown,
        (Attr::Null, Attr::Known(_)) => Attr::Null,
        (written, _) => written.clone(),
    }
}

fn created(planned: Model) -> Model {
    Model {
        copy_location: match &planned.copy_to {
            Attr::Null => Attr::Null,
            Attr::Unknown | Attr::Known(_) => Attr::Unknown,
        },
        ..planned
    }
}

/// The plan of an update; equal to the prior state when nothing changes.
fn updated(prior: &Model, mut planned: Model, imported: bool) -> Model {
    if let (Attr::Known(wanted), Attr::Known(recorded)) = (&planned.of.cluster, &prior.of.cluster)
        && names::same_cluster(wanted, recorded)
    {
        planned.of.cluster.clone_from(&prior.of.cluster);
    }
    fn unless<T: Clone>(changes: bool, prior: &Attr<T>) -> Attr<T> {
        if changes {
            Attr::Unknown
        } else {
            prior.clone()
        }
    }
    let is_new = needs_new(prior, &planned, imported);
    let tidies = planned.kept != prior.kept;
    let is_copied = !prior.copy_location.is_null() && same_copy(prior, &planned);
    let copies = !planned.copy_to.is_null() && (is_new || !is_copied);
    Model {
        id: unless(is_new, &prior.id),
        snapshot_id: unless(is_new, &prior.snapshot_id),
        checksum: unless(is_new, &prior.checksum),
        taken_at: unless(is_new, &prior.taken_at),
        condition: unless(is_new, &prior.condition),
        condition_reasons: unless(is_new, &prior.condition_reasons),
        location: unless(is_new, &prior.location),
        document: unless(is_new, &prior.document),
        copy_location: if planned.copy_to.is_null() {
            Attr::Null
        } else {
            unless(copies, &prior.copy_location)
        },
        // Unknown exactly when the apply has something to do with the places.
        pruned: unless(is_new || tidies || copies, &prior.pruned),
        ..planned
    }
}

/// Whether a new snapshot has to be taken, or may have to be: something is not known yet.
fn needs_new(prior: &Model, planned: &Model, imported: bool) -> bool {
    let same_place = match (prior.place.place(), planned.place.place()) {
        (Some(prior), Some(planned)) => place::is_same(&prior, &planned),
        (None, _) | (_, None) => false,
    };
    let counts = !(imported && prior.triggers.is_null());
    !same_place
        || prior.of.service_ref() != planned.of.service_ref()
        || (counts && triggers(prior) != triggers(planned))
}

/// No triggers and an empty map are the same.
fn triggers(model: &Model) -> Attr<&BTreeMap<String, Attr<String>>> {
    match &model.triggers {
        Attr::Known(triggers) if triggers.is_empty() => Attr::Null,
        other => other.as_ref(),
    }
}

/// Whether the copy of the state is where the plan wants it.
fn same_copy(prior: &Model, planned: &Model) -> bool {
    match (prior.copy_place(), planned.copy_place()) {
        (Some(prior), Some(planned)) => place::is_same(&prior, &planned),
        (None, _) | (_, None) => false,
    }
}

/// Warnings about buckets that promise too little. What cannot be asked yet, or may not be asked, is left out: the
/// bucket may be made by the same apply.
async fn promises(ports: &Ports, planned: &Model) -> Diagnostics {
    let is_new = !planned.snapshot_id.is_known();
    let copies = planned.copy_location.is_unknown();
    let places = [
        ("bucket", planned.place.place(), is_new),
        ("copy_to", planned.copy_place(), copies),
    ];
    let mut said = Diagnostics::none();
    for (attribute, place, is_written) in places {
        let Some(place @ Place::Bucket { bucket, .. }) = &place else {
            continue;
        };
        let Ok(facts) = ports.snapshots.facts(place).await else {
            continue;
        };
        let at = Path::root().attribute(attribute);
        if facts.public_blocked == Some(false) {
            said.push(public(bucket).at(at.clone()));
        }
        if is_written && facts.versioned == Some(false) {
            said.push(unversioned(bucket).at(at));
        }
    }
    said
}

fn public(bucket: &str) -> Diagnostic {
    Code::MayBePublic.warning(
        format!("Bucket `{bucket}` may be public"),
        "Public access to the bucket is not blocked. Snapshots contain no secrets, but they name roles, images, \
         networks and where secrets are stored.\n\nBlock public access: `aws_s3_bucket_public_access_block` with \
         all four settings `true`.",
    )
}

fn unversioned(bucket: &str) -> Diagnostic {
    Code::NotVersioned.warning(
        format!("Bucket `{bucket}` keeps no earlier versions"),
        "This provider never overwrites snapshots, but one that somebody deletes or replaces cannot be \
         recovered.\n\nTurn versioning on: `aws_s3_bucket_versioning` with `status = \"Enabled\"`.",
    )
}
