//! What an apply will run: a pure function of prior state and configuration, followed by the checks that ask AWS.

use std::collections::BTreeMap;

use switchyard_engine::migration::{MigrationFailed, check_migration};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::model::Model;
use super::{desired, said, steps, tls};
use crate::blue_green_service::known_map;
use crate::client::Client;
use crate::names::cluster_name;
use crate::tags::Tagging;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior, proposed, ..
    } = request;
    let client = context.client().ok();
    let tagging = client.map(Client::tagging);
    let runs = prior.as_ref().is_none_or(|prior| runs(prior, &proposed));
    let planned = planned(prior.as_ref(), proposed, runs, tagging);
    let refused = match client {
        Some(client) if runs => tokio::select! {
            refused = checked(client, &planned) => refused,
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => None,
        },
        Some(_) | None => None,
    };
    let said: Diagnostics = refused
        .iter()
        .map(|failed| said::diagnostic(failed, &planned))
        .collect();
    let unencrypted = tls::missing(&planned);
    Planned::new(planned).diagnostics(said.into_iter().chain(unencrypted).collect())
}

/// Whether an apply from here runs the task. What is not known yet may differ.
pub(super) fn runs(prior: &Model, planned: &Model) -> bool {
    prior.triggers != planned.triggers
}

fn planned(prior: Option<&Model>, proposed: Model, runs: bool, tagging: Option<&Tagging>) -> Model {
    let tags_all = match (tagging, known_map(&proposed.tags)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    };
    let id = id(&proposed);
    let steps = steps::steps(&proposed);
    match prior {
        Some(prior) if !runs => Model {
            id,
            task_arn: prior.task_arn.clone(),
            started_at: prior.started_at.clone(),
            stopped_at: prior.stopped_at.clone(),
            backup_arn: prior.backup_arn.clone(),
            history: prior.history.clone(),
            steps,
            tags_all,
            ..proposed
        },
        Some(_) | None => Model {
            id,
            task_arn: Attr::Unknown,
            started_at: Attr::Unknown,
            stopped_at: Attr::Unknown,
            backup_arn: match proposed.backup {
                Attr::Null => Attr::Null,
                Attr::Known(_) | Attr::Unknown => Attr::Unknown,
            },
            history: Attr::Unknown,
            steps,
            tags_all,
            ..proposed
        },
    }
}

/// `CLUSTER/NAME`.
pub(super) fn id(model: &Model) -> Attr<String> {
    match (&model.cluster, &model.name) {
        (Attr::Known(cluster), Attr::Known(name)) => {
            Attr::Known(format!("{}/{name}", cluster_name(cluster)))
        }
        _ => Attr::Unknown,
    }
}

/// Why the task of an action cannot start, as far as it is known before it is tried.
pub(crate) async fn refusal(client: &Client, planned: &Model) -> Diagnostics {
    let refused = checked(client, planned).await;
    let said = refused
        .iter()
        .map(|failed| said::diagnostic(failed, planned));
    said.collect()
}

/// Asks AWS whether the task can start. Waits for the apply while something is unknown; what cannot be asked is said by
/// the apply.
async fn checked(client: &Client, planned: &Model) -> Option<MigrationFailed> {
    let wanted = desired::wanted(planned, client.tagging())?;
    let failed = check_migration(client.ports(), &wanted).await.err()?;
    match failed {
        MigrationFailed::Call { .. } => None,
        MigrationFailed::DefinitionMissing
        | MigrationFailed::ContainerMissing(_)
        | MigrationFailed::ContainerUnclear(_)
        | MigrationFailed::AfterBackup { .. }
        | MigrationFailed::AnotherRuns(_)
        | MigrationFailed::Before { .. }
        | MigrationFailed::Interrupted(_)
        | MigrationFailed::InterruptedEarly
        | MigrationFailed::Exited { .. }
        | MigrationFailed::NotRun { .. }
        | MigrationFailed::SnapshotFailed(_)
        | MigrationFailed::SnapshotRuns { .. }
        | MigrationFailed::TimedOut { .. }
        | MigrationFailed::Undone { .. }
        | MigrationFailed::Vanished(_) => Some(failed),
    }
}

/// The tags of the task.
pub(super) fn tags_all(planned: &Model, tagging: &Tagging) -> Attr<BTreeMap<String, String>> {
    let own = known_map(&planned.tags).unwrap_or_default();
    Attr::Known(tagging.planned(&own))
}
