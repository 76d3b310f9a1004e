//! Data source `switchyard_deployment_snapshot`: one stored snapshot of a service.

use async_trait::async_trait;
use switchyard_engine::snapshot::{Entry, SnapshotId};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::validators::{one_of, parses};
use tfplugin::schema::{Attribute, Schema};
use tfplugin::value::{Attr, Path, Type};

use super::lookup::Lookup;
use super::place::{self, BucketModel};
use super::said::Code;
use super::service;
use crate::provider::Client;

const DESCRIPTION: &str =
    "One stored snapshot of an Amazon ECS service: by its id, or the newest one.";

const LATEST: &str = "latest";
const LATEST_GOOD: &str = "latest_good";

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshotData;

tfplugin::object! {
    /// Configuration and result.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct OneModel {
        /// Cluster name or ARN.
        pub cluster: Attr<String>,
        /// Service name.
        pub service: Attr<String>,
        /// Where it is, unless in `bucket`.
        pub folder: Attr<String>,
        /// Where it is, unless in `folder`.
        pub bucket: Attr<BucketModel>,
        /// Which one.
        pub snapshot_id: Attr<String>,
        /// Which one, when there is no id.
        pub select: Attr<String>,
        /// RFC 3339.
        pub taken_at: Attr<String>,
        /// Why it was taken.
        pub reason: Attr<String>,
        /// `good` or `degraded`.
        pub condition: Attr<String>,
        /// Why it is not good.
        pub condition_reasons: Attr<Vec<String>>,
        /// The revision that ran.
        pub task_definition_arn: Attr<String>,
        /// SHA-256 of the document.
        pub checksum: Attr<String>,
        /// Where the document is.
        pub location: Attr<String>,
        /// The document, JSON text.
        pub document: Attr<String>,
    }
}

#[async_trait]
impl DataSource<Client> for DeploymentSnapshotData {
    type Model = OneModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshot"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .code(crate::called::INVALID)
            .description(DESCRIPTION)
            .attribute(service::cluster())
            .attribute(service::service())
            .attributes(place::attributes())
            .attributes(which())
            .attributes(computed())
    }

    fn validate(&self, config: &OneModel) -> Diagnostics {
        let mut found = Diagnostics::none();
        found.extend(place::not_both(
            Path::root(),
            &config.folder,
            &config.bucket,
        ));
        if !config.snapshot_id.is_null() && !config.select.is_null() {
            found.push(
                Code::TwoChoices
                    .error(
                        "`snapshot_id` and `select` exclude each other",
                        "An id already says which snapshot is meant. Remove one of the two.",
                    )
                    .at(Path::root().attribute("select")),
            );
        }
        found
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: OneModel,
    ) -> Result<Found<OneModel>, Diagnostics> {
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
        let id: SnapshotId = match config.snapshot_id.known() {
            Some(id) => id
                .parse()
                .map_err(|why: String| Diagnostics::bug("reading the snapshot", why))?,
            None => {
                let wanted = config.select.as_deref().known_or(LATEST_GOOD);
                let names = lookup.names().await?;
                let selected = lookup.newest(&names, |entry| fits(entry, wanted)).await?;
                let entry = selected.ok_or_else(|| nothing(&lookup, names.len(), wanted))?;
                entry.id
            }
        };
        let (found, location) = lookup.one(&id).await?;
        Ok(Found::new(OneModel {
            snapshot_id: Attr::Known(id.to_string()),
            taken_at: Attr::Known(found.taken_at().to_string()),
            reason: Attr::Known(found.reason().to_owned()),
            condition: Attr::Known(found.condition().word().to_owned()),
            condition_reasons: Attr::Known(found.condition().reasons().to_vec()),
            task_definition_arn: Attr::Known(found.task_definition_arn().to_owned()),
            checksum: Attr::Known(found.checksum()),
            location: Attr::Known(location),
            document: Attr::Known(found.to_json()),
            ..config
        }))
    }
}

/// Whether it is one that is wanted. One that cannot be read is the latest one all the same, so that nobody takes an
/// older one for it; it is never a good one.
fn fits(entry: &Entry, wanted: &str) -> bool {
    match &entry.content {
        Ok(summary) => wanted == LATEST || summary.condition.is_good(),
        Err(_) => wanted == LATEST,
    }
}

fn nothing(lookup: &Lookup<'_>, stored: usize, wanted: &str) -> Diagnostic {
    let name = &lookup.service.name;
    let at = place::said(lookup.place);
    if stored == 0 {
        return Code::NothingFound.error(
            format!("There is no snapshot of service `{name}`"),
            format!(
                "There is none in {at}. Nothing was changed.\n\nTake one with the resource \
                 `switchyard_deployment_snapshot`, or correct `cluster`, `service` and the place."
            ),
        );
    }
    Code::NothingFound.error(
        format!("No snapshot of service `{name}` fits `select = \"{wanted}\"`"),
        format!(
            "There are {stored} in {at}, and none of them is good. Nothing was changed.\n\nLook at their conditions with \
             the data source `switchyard_deployment_snapshots`, and choose one with `snapshot_id`."
        ),
    )
}

fn which() -> Vec<Attribute> {
    vec![
        Attribute::string("snapshot_id")
            .optional_computed()
            .validator(parses(
                "must be the id of a snapshot, such as `20261121T123456Z-1a2b3c4d`",
                str::parse::<SnapshotId>,
            ))
            .description("Id of the snapshot. When absent, `select` says which one."),
        Attribute::string("select")
            .optional()
            .validator(one_of([LATEST_GOOD, LATEST]))
            .description(
                "Which one when there is no `snapshot_id`: `latest_good` (the default), the newest whose condition is \
                 `good`; or `latest`, the newest.",
            ),
    ]
}

fn computed() -> Vec<Attribute> {
    let text = |name: &str, what: &str| {
        Attribute::string(name)
            .computed()
            .description(what.to_owned())
    };
    vec![
        text("taken_at", "When it was taken (RFC 3339)."),
        text("reason", "Why it was taken."),
        text("condition", "`good` or `degraded`."),
        Attribute::list("condition_reasons", Type::String)
            .computed()
            .description("Why the condition is not `good`."),
        text(
            "task_definition_arn",
            "Task definition revision that had production traffic.",
        ),
        text("checksum", "SHA-256 of the document."),
        text("location", "Where the document is stored."),
        text(
            "document",
            "The document, as JSON text. It holds no values of environment variables and no secrets.",
        ),
    ]
}
