//! The run: the engine does the work, this file keeps the records.

use switchyard_engine::migration::{Migrated, migrate};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{Applied, CreateRequest, UpdateRequest};
use tfplugin::value::Attr;

use super::model::Model;
use super::{desired, plan, said};
use crate::client::Client;
use crate::tags::Tagging;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    match run(context, &request.planned).await {
        Ok((state, note)) => done(state, note),
        Err(errors) => Applied::untouched(errors),
    }
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let UpdateRequest { prior, planned, .. } = request;
    if !plan::runs(&prior, &planned) {
        // Nothing runs: the state says what the next run will be.
        let state = Model {
            id: plan::id(&planned),
            task_arn: prior.task_arn.clone(),
            started_at: prior.started_at.clone(),
            stopped_at: prior.stopped_at.clone(),
            backup_arn: prior.backup_arn.clone(),
            ..planned
        };
        return match context.client() {
            Ok(client) => Applied::done(Model {
                tags_all: plan::tags_all(&state, client.tagging()),
                ..state
            }),
            Err(errors) => Applied::partial(prior, errors),
        };
    }
    match run(context, &planned).await {
        Ok((state, note)) => done(state, note),
        // The state keeps the triggers of the last run that succeeded: the next plan runs it again.
        Err(errors) => Applied::partial(prior, errors),
    }
}

fn done(state: Model, note: Option<Diagnostic>) -> Applied<Model> {
    note.into_iter()
        .fold(Applied::done(state), Applied::warning)
}

/// Runs the task to its end.
///
/// # Errors
/// It did not succeed.
pub(crate) async fn run(
    context: &Context<Client>,
    planned: &Model,
) -> Result<(Model, Option<Diagnostic>), Diagnostics> {
    let client = context.client()?;
    let wanted = desired::whole(planned, client.tagging())
        .ok_or_else(|| Diagnostics::bug("running the migration", "the plan has unknown values"))?;
    match migrate(client.ports(), &wanted, context.cancel()).await {
        Ok(migrated) => {
            let note = migrated.taken_over.then(|| said::taken_over(&migrated));
            Ok((recorded(planned, &migrated, client.tagging()), note))
        }
        Err(failed) => Err(said::diagnostic(&failed, planned).into()),
    }
}

fn recorded(planned: &Model, migrated: &Migrated, tagging: &Tagging) -> Model {
    let time = |at: Option<jiff::Timestamp>| Attr::from(at.map(|at| at.to_string()));
    Model {
        id: plan::id(planned),
        task_arn: Attr::Known(migrated.task.clone()),
        started_at: time(migrated.started_at),
        stopped_at: time(migrated.stopped_at),
        backup_arn: Attr::from(migrated.backup.clone()),
        tags_all: plan::tags_all(planned, tagging),
        ..planned.clone()
    }
}
