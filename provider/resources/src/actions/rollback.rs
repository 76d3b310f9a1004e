//! `switchyard_rollback`: back to what served before.

use async_trait::async_trait;
use switchyard_engine::snapshot::SnapshotId;
use switchyard_operate::{Rollback as Wanted, rollback};
use tfplugin::action::{Action, Progress};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::validators::{not_empty, parses};
use tfplugin::schema::{Attributes, Schema, Validator};
use tfplugin::value::{Attr, Path};

use super::lines::Lines;
use super::said::{self, IMPOSSIBLE, Subject};
use super::told::told;
use crate::client::Client;
use crate::snapshots::place::PlaceModel;
use crate::snapshots::service::ServiceModel;

/// The action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rollback;

/// Goes back to what served before, as `switchyard rollback` does: stops the deployment in progress with a rollback, or
/// deploys an earlier revision all at once. The action ends when traffic is back, and fails if it is not.
///
/// The configuration of the service does not know of it: the next apply deploys what the configuration says. Set the task
/// definition or the images before anybody applies.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    #[attr(flatten)]
    pub of: ServiceModel,
    /// Task definition to go back to: its ARN or `family:revision`. Defaults to the one that was live before.
    #[attr(optional, validate(not_empty()))]
    pub to: Attr<String>,
    /// Snapshot to go back to, instead of `to`.
    #[attr(optional, validate(snapshot_id()))]
    pub snapshot_id: Attr<String>,
    #[attr(flatten)]
    pub place: PlaceModel,
    /// Why; kept in the tag `switchyard:operated` of the service.
    #[attr(optional, validate(not_empty()))]
    pub reason: Attr<String>,
}

fn snapshot_id() -> impl Validator + Clone {
    parses("must be the id of a snapshot", |text: &str| {
        text.parse::<SnapshotId>()
    })
}

#[async_trait]
impl Action<Client> for Rollback {
    type Config = Config;

    fn type_name(&self) -> &'static str {
        "switchyard_rollback"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &Config) -> Diagnostics {
        let both = (config.to.is_known() && config.snapshot_id.is_known()).then(|| {
            Diagnostic::error(
                "`to` and `snapshot_id` exclude each other",
                format!("Both say what to go back to. Keep one of the two.\n\nCode {IMPOSSIBLE}."),
            )
            .at(Path::root().attribute("to"))
        });
        both.into_iter()
            .chain(config.place.not_both(Path::root()))
            .collect()
    }

    async fn plan(&self, context: &Context<Client>, config: Config) -> Diagnostics {
        let Ok(client) = context.client() else {
            return Diagnostics::none();
        };
        let found = match said::planned_service(client.ports(), &config.of).await {
            Ok(found) => found,
            Err(errors) => return errors,
        };
        if found.is_none() && config.of.service_ref().is_some() {
            return said::not_there(&config.of);
        }
        let Some(to) = config.to.known() else {
            return Diagnostics::none();
        };
        match client.ports().services.find_task_definition(to).await {
            Ok(None) => Diagnostic::error(
                format!("Task definition `{to}` does not exist"),
                "There is nothing to go back to. `switchyard history` lists what was live.\n\nRule SY0102.",
            )
            .at(Path::root().attribute("to"))
            .into(),
            // What cannot be read is said by the apply.
            Ok(Some(_)) | Err(_) => Diagnostics::none(),
        }
    }

    async fn invoke(
        &self,
        context: &Context<Client>,
        config: Config,
        progress: &Progress,
    ) -> Diagnostics {
        let (client, selection) = match (context.client(), said::selection(&config.of)) {
            (Ok(client), Ok(selection)) => (client, selection),
            (Err(errors), _) | (_, Err(errors)) => return errors,
        };
        let id = config
            .snapshot_id
            .known()
            .and_then(|text| text.parse().ok());
        let wanted = Wanted {
            to: config.to.into_known(),
            snapshot: config.place.place().zip(id),
            reason: config.reason.into_known(),
            dry_run: false,
        };
        let mut lines = Lines::new(progress);
        let mut console = lines.console();
        let going = rollback(client.ports(), &selection, &wanted, &mut console);
        let ended = Box::pin(going).await;
        let acted = std::mem::take(&mut console.acted);
        let reason = wanted.reason.as_deref();
        let lost = told(client, acted, reason).await;
        let name = config.of.service.known_or(String::new());
        let mut said = said::ended(
            Subject {
                what: &format!("The rollback of service `{name}`"),
            },
            ended,
        );
        said.extend(lost);
        said
    }
}
