//! Import: finding a stored snapshot by `CLUSTER/SERVICE[/SNAPSHOT_ID][@PLACE]` or by identity.

use switchyard_engine::ports::{Place, ServiceRef};
use switchyard_engine::snapshot::{self, SnapshotId};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{ImportRequest, Imported};
use tfplugin::value::{Attr, Value};

use super::identity_value;
use super::memory::Memory;
use super::model::Model;
use crate::client::Client;
use crate::snapshots::place::{self, DEFAULT_FOLDER, PlaceModel};
use crate::snapshots::said::Code;
use crate::snapshots::service::{ServiceModel, is_service_name};

/// What an import names.
#[derive(Debug, PartialEq)]
struct Target {
    of: ServiceModel,
    place: PlaceModel,
    /// The newest one, when absent.
    snapshot: Option<SnapshotId>,
}

pub(super) async fn import(
    context: &Context<Client>,
    request: ImportRequest,
) -> Result<Imported<Model>, Diagnostics> {
    let target = match &request {
        ImportRequest::Id(id) => from_id(id).ok_or_else(|| malformed(id))?,
        ImportRequest::Identity(identity) => from_identity(identity)?,
    };
    let mut model = Model {
        of: target.of,
        place: target.place,
        ..Model::default()
    };
    let (Some(service), Some(place)) = (model.of.service_ref(), model.place.place()) else {
        return Err(Diagnostics::bug(
            "importing the snapshot",
            "a part of the request is unknown",
        ));
    };
    let wanted = match target.snapshot {
        Some(id) => id,
        None => newest(context, &service, &place).await?,
    };
    model.snapshot_id = Attr::Known(wanted.to_string());
    let identity = identity_value(&model);
    Ok(Imported::new(model)
        .private(Memory { imported: true }.to_private()?)
        .identity(identity))
}

async fn newest(
    context: &Context<Client>,
    service: &ServiceRef,
    place: &Place,
) -> Result<SnapshotId, Diagnostics> {
    let ports = context.client()?.ports();
    let found = async {
        let names = snapshot::names_own(ports, place, service).await?;
        snapshot::newest(ports, place, service, &names, |entry| entry.content.is_ok()).await
    };
    let newest = found.await.map_err(|error| {
        Diagnostics::from(Code::NotLooked.failed(
            format!(
                "The snapshots of service `{}` cannot be listed",
                service.name
            ),
            "Nothing was imported.",
            &error,
        ))
    })?;
    newest.map(|entry| entry.id).ok_or_else(|| {
        Code::NothingFound
            .error(
                format!("There is no snapshot of service `{}`", service.name),
                format!(
                    "There is no readable snapshot of it in {}. Nothing was imported.\n\nName the place at the end \
                     of the id, such as `main/checkout@s3://shop-snapshots`. Or remove the import: the apply then \
                     takes a snapshot.",
                    place::said(place)
                ),
            )
            .into()
    })
}

fn from_id(id: &str) -> Option<Target> {
    let (name, place) = match id.split_once('@') {
        Some((name, place)) => (name, Some(place)),
        None => (id, None),
    };
    let place = match place {
        Some(text) => place::from_text(text)?,
        None => default_place(),
    };
    let mut parts = name.split('/');
    let (cluster, service) = (parts.next()?, parts.next()?);
    let snapshot = parts.next().map(str::parse).transpose().ok()?;
    let fits = is_service_name(cluster) && is_service_name(service) && parts.next().is_none();
    fits.then(|| Target {
        of: service_model(cluster, service),
        place,
        snapshot,
    })
}

fn service_model(cluster: &str, service: &str) -> ServiceModel {
    ServiceModel {
        cluster: Attr::Known(cluster.to_owned()),
        service: Attr::Known(service.to_owned()),
    }
}

fn default_place() -> PlaceModel {
    PlaceModel {
        folder: Attr::Known(DEFAULT_FOLDER.to_owned()),
        bucket: Attr::Null,
    }
}

fn malformed(id: &str) -> Diagnostics {
    Diagnostics::error(
        format!("`{id}` does not name a snapshot"),
        "Nothing was imported.\n\nWrite the id as CLUSTER/SERVICE/SNAPSHOT_ID@PLACE. PLACE is `folder:PATH` or \
         `s3://BUCKET/PREFIX` (with `?region=REGION` at the end if the bucket is in a different region than the \
         provider), and defaults to the default folder. SNAPSHOT_ID defaults to the newest one.\n\nFor example \
         `main/checkout/20261121T123456Z-1a2b3c4d@s3://shop-snapshots`.",
    )
}

fn from_identity(identity: &Value) -> Result<Target, Diagnostics> {
    let text = |name: &str| identity.attribute(name).as_str().map(str::to_owned);
    let needed = |name: &str| {
        text(name).ok_or_else(|| {
            Diagnostics::error(
                format!("The identity has no `{name}`"),
                "Nothing was imported.\n\nAn import by identity needs `cluster` and `service`.",
            )
        })
    };
    let wrong = |name: &str, why: &str| {
        Diagnostics::error(
            format!("The `{name}` of the identity cannot be read"),
            format!("Nothing was imported.\n\n{why}"),
        )
    };
    let place = match text("place") {
        None => default_place(),
        Some(text) => place::from_text(&text).ok_or_else(|| {
            wrong(
                "place",
                "Write it as `folder:PATH` or `s3://BUCKET/PREFIX`.",
            )
        })?,
    };
    let snapshot = match text("snapshot_id") {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|why: String| wrong("snapshot_id", &why))?,
        ),
    };
    Ok(Target {
        of: service_model(&needed("cluster")?, &needed("service")?),
        place,
        snapshot,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "20261121T123456Z-1a2b3c4d";

    #[test]
    fn ids_name_a_service_a_snapshot_and_a_place() {
        let target = from_id(&format!("main/web/{ID}@folder:kept/here")).unwrap();
        assert_eq!(target.of, service_model("main", "web"));
        assert_eq!(target.snapshot, ID.parse().ok());
        assert_eq!(target.place.folder, Attr::Known("kept/here".to_owned()));
        let target = from_id("main/web@s3://shop-snapshots/a?region=eu-north-1").unwrap();
        assert_eq!((target.snapshot, target.place.folder), (None, Attr::Null));
        assert!(target.place.bucket.is_known());
        let target = from_id("main/web").unwrap();
        assert_eq!(target.place.folder, Attr::Known(DEFAULT_FOLDER.to_owned()));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for id in [
            "",
            "web",
            "/web",
            "main/",
            "main/web/latest",
            "main/web@",
            "main/web@here",
            "a/b/c/d",
        ] {
            assert_eq!(from_id(id), None, "{id}");
        }
        assert_eq!(from_id(&format!("main/web/{ID}/x")), None);
    }
}
