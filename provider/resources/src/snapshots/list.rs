//! Data source `switchyard_deployment_snapshots`: all snapshots of a service.

use async_trait::async_trait;
use switchyard_engine::snapshot::Entry;
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::{between, whole_number};
use tfplugin::schema::{Attribute, Nesting, Schema};
use tfplugin::value::{Attr, Path, Type};

use super::lookup::Lookup;
use super::place::{self, BucketModel};
use super::service;
use crate::provider::Client;

const DESCRIPTION: &str = "The newest stored snapshots of one Amazon ECS service. Documents that cannot be read \
    are in the list, with the reason.";

/// How many snapshots are read when nothing is said.
const LIMIT: i64 = 100;

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshots;

tfplugin::object! {
    /// Configuration and result.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListModel {
        /// Cluster name or ARN.
        pub cluster: Attr<String>,
        /// Service name.
        pub service: Attr<String>,
        /// Where they are, unless in `bucket`.
        pub folder: Attr<String>,
        /// Where they are, unless in `folder`.
        pub bucket: Attr<BucketModel>,
        /// How many of them are read.
        pub limit: Attr<i64>,
        /// How many there are.
        pub stored: Attr<i64>,
        /// What there is.
        pub snapshots: Attr<Vec<EntryModel>>,
    }
}

tfplugin::object! {
    /// One of `snapshots`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct EntryModel {
        /// Its id.
        pub snapshot_id: Attr<String>,
        /// RFC 3339.
        pub taken_at: Attr<String>,
        /// Why it was taken.
        pub reason: Attr<String>,
        /// `good`, `degraded` or `unreadable`.
        pub condition: Attr<String>,
        /// Why it is not good.
        pub condition_reasons: Attr<Vec<String>>,
        /// The revision that ran.
        pub task_definition_arn: Attr<String>,
        /// SHA-256 of the document.
        pub checksum: Attr<String>,
        /// Where the document is.
        pub location: Attr<String>,
        /// Bytes.
        pub size: Attr<u64>,
        /// Whether it is never deleted by retention.
        pub pinned: Attr<bool>,
    }
}

#[async_trait]
impl DataSource<Client> for DeploymentSnapshots {
    type Model = ListModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshots"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .code(crate::called::INVALID)
            .description(DESCRIPTION)
            .attribute(service::cluster())
            .attribute(service::service())
            .attributes(place::attributes())
            .attribute(
                Attribute::number("limit")
                    .optional()
                    .validator(whole_number())
                    .validator(between(1, 10_000))
                    .description(
                        "How many of the newest snapshots are in the list; 100 when absent. Each of these is read, and \
                         no other.",
                    ),
            )
            .attribute(
                Attribute::number("stored")
                    .computed()
                    .description("How many snapshots of the service are stored."),
            )
            .attribute(
                Attribute::nested("snapshots", Nesting::List, entry())
                    .computed()
                    .description("The newest snapshots, newest first."),
            )
    }

    fn validate(&self, config: &ListModel) -> Diagnostics {
        let error = place::not_both(Path::root(), &config.folder, &config.bucket);
        error.into_iter().collect()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: ListModel,
    ) -> Result<Found<ListModel>, Diagnostics> {
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
        let mut names = lookup.names().await?;
        let stored = names.len();
        names.truncate(shown(&config.limit));
        let entries = lookup.entries(&names).await?;
        let snapshots = entries
            .iter()
            .map(|entry| model(entry, entry.location.clone()));
        Ok(Found::new(ListModel {
            snapshots: Attr::Known(snapshots.collect()),
            stored: Attr::Known(i64::try_from(stored).unwrap_or(i64::MAX)),
            ..config
        }))
    }
}

/// How many snapshots are read.
fn shown(limit: &Attr<i64>) -> usize {
    let limit = limit.known().copied().unwrap_or(LIMIT);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn entry() -> Vec<Attribute> {
    let text = |name: &str, what: &str| {
        Attribute::string(name)
            .computed()
            .description(what.to_owned())
    };
    vec![
        text("snapshot_id", "Id of the snapshot."),
        text("taken_at", "When it was taken (RFC 3339)."),
        text("reason", "Why it was taken; null when it cannot be read."),
        text("condition", "`good`, `degraded` or `unreadable`."),
        Attribute::list("condition_reasons", Type::String)
            .computed()
            .description("Why the condition is not `good`."),
        text(
            "task_definition_arn",
            "Task definition revision that had production traffic; null when the snapshot cannot be read.",
        ),
        text(
            "checksum",
            "SHA-256 of the document; null when it cannot be read.",
        ),
        text("location", "Where the document is stored."),
        Attribute::number("size")
            .computed()
            .description("Bytes of the document."),
        Attribute::bool("pinned").computed().description(
            "Whether a service is set to be restored from it, so that it is never deleted.",
        ),
    ]
}

fn model(entry: &Entry, location: String) -> EntryModel {
    let common = EntryModel {
        snapshot_id: Attr::Known(entry.id.to_string()),
        taken_at: Attr::Known(entry.id.taken_at().to_string()),
        location: Attr::Known(location),
        size: Attr::Known(entry.size),
        pinned: Attr::Known(entry.pinned),
        ..EntryModel::default()
    };
    match &entry.content {
        Ok(summary) => EntryModel {
            taken_at: Attr::Known(summary.taken_at.to_string()),
            reason: Attr::Known(summary.reason.clone()),
            condition: Attr::Known(summary.condition.word().to_owned()),
            condition_reasons: Attr::Known(summary.condition.reasons().to_vec()),
            task_definition_arn: Attr::Known(summary.task_definition_arn.clone()),
            checksum: Attr::Known(summary.checksum.clone()),
            ..common
        },
        Err(why) => EntryModel {
            condition: Attr::Known("unreadable".to_owned()),
            condition_reasons: Attr::Known(vec![why.to_string()]),
            ..common
        },
    }
}
