//! Data source `switchyard_deployment_snapshots`: all snapshots of a service.

use async_trait::async_trait;
use switchyard_engine::snapshot::Entry;
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::schema::validators::between;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, Path};

use super::lookup::Lookup;
use super::place::PlaceModel;
use super::service::{self, ServiceModel};
use crate::client::Client;
use crate::region::{self, RegionModel};

/// How many snapshots are read when nothing is said.
const LIMIT: i64 = 100;

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshots;

/// The newest stored snapshots of one Amazon ECS service. Documents that cannot be read are in the list, with the
/// reason.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ListModel {
    #[attr(flatten)]
    pub of: ServiceModel,
    #[attr(flatten)]
    pub placed: RegionModel,
    #[attr(flatten)]
    pub place: PlaceModel,
    /// How many of the newest snapshots are in the list. Defaults to 100. Only these are read.
    #[attr(optional, validate(between(1, 10_000)))]
    pub limit: Attr<i64>,
    /// How many snapshots of the service are stored.
    #[attr(computed)]
    pub stored: Attr<i64>,
    /// The newest snapshots, newest first.
    #[attr(computed)]
    pub snapshots: Attr<Vec<EntryModel>>,
}

region::regional!(ListModel, "cluster" = of.cluster);

/// One of `snapshots`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct EntryModel {
    /// Id of the snapshot.
    #[attr(computed)]
    pub snapshot_id: Attr<String>,
    /// When it was taken (RFC 3339).
    #[attr(computed)]
    pub taken_at: Attr<String>,
    /// Why it was taken; null if it cannot be read.
    #[attr(computed)]
    pub reason: Attr<String>,
    /// `good`, `degraded` or `unreadable`.
    #[attr(computed)]
    pub condition: Attr<String>,
    /// Why the condition is not `good`.
    #[attr(computed)]
    pub condition_reasons: Attr<Vec<String>>,
    /// Task definition revision that had production traffic; null if the snapshot cannot be read.
    #[attr(computed)]
    pub task_definition_arn: Attr<String>,
    /// SHA-256 of the document; null if it cannot be read.
    #[attr(computed)]
    pub checksum: Attr<String>,
    /// Where the document is stored.
    #[attr(computed)]
    pub location: Attr<String>,
    /// Size of the document in bytes.
    #[attr(computed)]
    pub size: Attr<u64>,
    /// Whether a service has it as `restore_snapshot`, so that it is not deleted.
    #[attr(computed)]
    pub pinned: Attr<bool>,
}

#[async_trait]
impl DataSource<Client> for DeploymentSnapshots {
    type Model = ListModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshots"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<ListModel>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &ListModel) -> Diagnostics {
        config.place.not_both(Path::root()).into_iter().collect()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: ListModel,
    ) -> Result<Found<ListModel>, Diagnostics> {
        let client = context.client()?;
        let (service, place) = service::with_place(&config.of, &config.place)?;
        let lookup = Lookup {
            ports: client.ports(),
            place: &place,
            service: &service,
        };
        let mut names = lookup.names().await?;
        let stored = names.len();
        names.truncate(limit_of(&config.limit));
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
fn limit_of(limit: &Attr<i64>) -> usize {
    let limit = limit.known().copied().unwrap_or(LIMIT);
    usize::try_from(limit).unwrap_or(usize::MAX)
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
