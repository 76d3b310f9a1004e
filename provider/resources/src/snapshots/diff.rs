//! Data source `switchyard_deployment_snapshot_diff`: what differs between two snapshots, or between one and now.

use async_trait::async_trait;
use switchyard_engine::snapshot::{
    Snapshot, SnapshotId, difference, difference_json, difference_text,
};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::parses;
use tfplugin::schema::{Attribute, Schema};
use tfplugin::value::{Attr, Path};

use super::lookup::Lookup;
use super::place::{self, BucketModel};
use super::service;
use crate::provider::Client;

const DESCRIPTION: &str = "What differs between two snapshots of an Amazon ECS service, or between one and the service \
    as it is now. When and why they were taken, and how healthy the service was, is no difference.";

/// The other side is the service itself.
const LIVE: &str = "live";

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshotDiff;

tfplugin::object! {
    /// Configuration and result.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DiffModel {
        /// Cluster name or ARN.
        pub cluster: Attr<String>,
        /// Service name.
        pub service: Attr<String>,
        /// Where they are, unless in `bucket`.
        pub folder: Attr<String>,
        /// Where they are, unless in `folder`.
        pub bucket: Attr<BucketModel>,
        /// Snapshot id.
        pub from: Attr<String>,
        /// Snapshot id, or `live`.
        pub to: Attr<String>,
        /// Whether anything differs.
        pub has_changes: Attr<bool>,
        /// For people.
        pub text: Attr<String>,
        /// For programs.
        pub json: Attr<String>,
    }
}

#[async_trait]
impl DataSource<Client> for DeploymentSnapshotDiff {
    type Model = DiffModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshot_diff"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .code(crate::called::INVALID)
            .description(DESCRIPTION)
            .attribute(service::cluster())
            .attribute(service::service())
            .attributes(place::attributes())
            .attribute(
                Attribute::string("from")
                    .required()
                    .validator(parses(
                        "must be the id of a snapshot, such as `20261121T123456Z-1a2b3c4d`",
                        str::parse::<SnapshotId>,
                    ))
                    .description("Id of the snapshot to begin with."),
            )
            .attribute(
                Attribute::string("to")
                    .optional_computed()
                    .validator(parses(
                        "must be the id of a snapshot, or `live`",
                        |text: &str| match text {
                            LIVE => Ok(()),
                            id => id.parse::<SnapshotId>().map(|_| ()),
                        },
                    ))
                    .description("Id of the snapshot to compare with, or `live` (the default): the service as it is now."),
            )
            .attribute(
                Attribute::bool("has_changes")
                    .computed()
                    .description("Whether anything differs."),
            )
            .attribute(
                Attribute::string("text")
                    .computed()
                    .description("The differences as text, one a line."),
            )
            .attribute(Attribute::string("json").computed().description(
                "The differences as JSON text: a list of objects with `path`, `from`, `to` and what it means.",
            ))
    }

    fn validate(&self, config: &DiffModel) -> Diagnostics {
        let error = place::not_both(Path::root(), &config.folder, &config.bucket);
        error.into_iter().collect()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: DiffModel,
    ) -> Result<Found<DiffModel>, Diagnostics> {
        let client = context.client()?;
        let (service, place) = service::with_place(
            &config.cluster,
            &config.service,
            &config.folder,
            &config.bucket,
        )?;
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
