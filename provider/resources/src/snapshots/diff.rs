//! Data source `switchyard_deployment_snapshot_diff`: what differs between two snapshots, or between one and now.

use async_trait::async_trait;
use switchyard_engine::snapshot::{
    Snapshot, SnapshotId, difference, difference_json, difference_text,
};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::parses;
use tfplugin::schema::{Attributes, Schema, Validator};
use tfplugin::value::{Attr, Path};

use super::lookup::Lookup;
use super::place::PlaceModel;
use super::retention::snapshot_id;
use super::service::{self, ServiceModel};
use crate::client::Client;
use crate::region::{self, RegionModel};

/// The other side is the service itself.
const LIVE: &str = "live";

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshotDiff;

/// What differs between two snapshots of an Amazon ECS service, or between one and the service as it is now. Time,
/// reason and health are not compared.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct DiffModel {
    #[attr(flatten)]
    pub of: ServiceModel,
    #[attr(flatten)]
    pub placed: RegionModel,
    #[attr(flatten)]
    pub place: PlaceModel,
    /// Id of the snapshot to compare from.
    #[attr(required, validate(snapshot_id()))]
    pub from: Attr<String>,
    /// Id of the snapshot to compare with, or `live` (the default): the service as it is now.
    #[attr(optional, computed, validate(snapshot_id_or_live()))]
    pub to: Attr<String>,
    /// Whether anything differs.
    #[attr(computed)]
    pub has_changes: Attr<bool>,
    /// The differences as text, one per line.
    #[attr(computed)]
    pub text: Attr<String>,
    /// The differences as JSON text: a list of objects with `path`, `from`, `to` and what it means.
    #[attr(computed)]
    pub json: Attr<String>,
}

region::regional!(DiffModel, "cluster" = of.cluster);

fn snapshot_id_or_live() -> impl Validator + Clone {
    parses(
        "must be the id of a snapshot, or `live`",
        |text: &str| match text {
            LIVE => Ok(()),
            id => id.parse::<SnapshotId>().map(|_| ()),
        },
    )
}

#[async_trait]
impl DataSource<Client> for DeploymentSnapshotDiff {
    type Model = DiffModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshot_diff"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<DiffModel>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &DiffModel) -> Diagnostics {
        config.place.not_both(Path::root()).into_iter().collect()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: DiffModel,
    ) -> Result<Found<DiffModel>, Diagnostics> {
        let client = context.client()?;
        let (service, place) = service::with_place(&config.of, &config.place)?;
        let lookup = Lookup {
            ports: client.ports(),
            place: &place,
            service: &service,
        };
        let to = config.to.clone().or(Attr::Known(LIVE.to_owned()));
        let one = side(&lookup, config.from.known().map_or("", String::as_str)).await?;
        let other = side(&lookup, to.known().map_or("", String::as_str)).await?;
        let differences = difference(&one, &other);
        Ok(Found::new(DiffModel {
            to,
            has_changes: Attr::Known(!differences.is_empty()),
            text: Attr::Known(difference_text(&differences)),
            json: Attr::Known(difference_json(&differences)),
            ..config
        }))
    }
}

async fn side(lookup: &Lookup<'_>, wanted: &str) -> Result<Snapshot, Diagnostics> {
    if wanted == LIVE {
        return Ok(lookup.live().await?);
    }
    let id: SnapshotId = wanted
        .parse()
        .map_err(|why: String| Diagnostics::bug("comparing snapshots", why))?;
    Ok(lookup.one(&id).await?.0)
}
