//! Data source `switchyard_deployment_snapshot`: one stored snapshot of a service.

use async_trait::async_trait;
use switchyard_engine::snapshot::{Entry, SnapshotId};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, Path};

use super::lookup::Lookup;
use super::place::{self, PlaceModel};
use super::retention::snapshot_id;
use super::said::Code;
use super::service::{self, ServiceModel};
use crate::client::Client;
use crate::region::{self, RegionModel};

tfplugin::words! {
    /// Which snapshot, when there is no id.
    pub enum Select {
        LatestGood = "latest_good",
        Latest = "latest",
    }
}

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeploymentSnapshotData;

/// One stored snapshot of an Amazon ECS service: by its id, or the newest one.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct OneModel {
    #[attr(flatten)]
    pub of: ServiceModel,
    #[attr(flatten)]
    pub placed: RegionModel,
    #[attr(flatten)]
    pub place: PlaceModel,
    /// Id of the snapshot. Without it, `select` chooses one.
    #[attr(optional, computed, validate(snapshot_id()))]
    pub snapshot_id: Attr<String>,
    /// Which snapshot to read without `snapshot_id`: `latest_good` (the default), the newest whose condition is
    /// `good`; or `latest`, the newest.
    #[attr(optional)]
    pub select: Attr<Select>,
    /// When it was taken (RFC 3339).
    #[attr(computed)]
    pub taken_at: Attr<String>,
    /// Why it was taken.
    #[attr(computed)]
    pub reason: Attr<String>,
    /// `good` or `degraded`.
    #[attr(computed)]
    pub condition: Attr<String>,
    /// Why the condition is not `good`.
    #[attr(computed)]
    pub condition_reasons: Attr<Vec<String>>,
    /// Task definition revision that had production traffic.
    #[attr(computed)]
    pub task_definition_arn: Attr<String>,
    /// SHA-256 of the document.
    #[attr(computed)]
    pub checksum: Attr<String>,
    /// Where the document is stored.
    #[attr(computed)]
    pub location: Attr<String>,
    /// The document, as JSON text. It contains no values of environment variables and no secrets.
    #[attr(computed)]
    pub document: Attr<String>,
}

region::regional!(OneModel, "cluster" = of.cluster);

#[async_trait]
impl DataSource<Client> for DeploymentSnapshotData {
    type Model = OneModel;

    fn type_name(&self) -> &'static str {
        "switchyard_deployment_snapshot"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<OneModel>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &OneModel) -> Diagnostics {
        let mut found = Diagnostics::none();
        found.extend(config.place.not_both(Path::root()));
        if config.snapshot_id.is_known() && config.select.is_known() {
            found.push(
                Code::TwoChoices
                    .error(
                        "`snapshot_id` and `select` conflict",
                        "An id already says which snapshot to read. Remove one of the two.",
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
        let (service, place) = service::with_place(&config.of, &config.place)?;
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
                let wanted = config.select.as_ref().known_or(&Select::LatestGood);
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
fn fits(entry: &Entry, wanted: &Select) -> bool {
    let is_good = || (entry.content.as_ref()).is_ok_and(|summary| summary.condition.is_good());
    match wanted {
        Select::Latest => true,
        // A word that validation refuses.
        Select::LatestGood | Select::Unknown(_) => is_good(),
    }
}

fn nothing(lookup: &Lookup<'_>, stored: usize, wanted: &Select) -> Diagnostic {
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
        format!("No snapshot of service `{name}` matches `select = \"{}\"`", wanted.word()),
        format!(
            "There are {stored} in {at}, and none of them is good. Nothing was changed.\n\nList their conditions \
             with the data source `switchyard_deployment_snapshots`, and choose one with `snapshot_id`."
        ),
    )
}
