//! The run: the engine does the work, this file keeps the records.

use switchyard_engine::migration::{Migrated, migrate};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{Applied, CreateRequest, UpdateRequest};
use tfplugin::value::Attr;

use super::model::{Model, RunModel};
use super::{desired, history, plan, said};
use crate::blue_green_service::List;
use crate::client::Client;
use crate::tags::Tagging;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    match tried(context, &request.planned, None).await {
        Ok((state, note)) => done(state, note),
        Err((_, errors)) => Applied::untouched(errors),
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
            history: prior.history.clone(),
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
    match tried(context, &planned, Some(&prior)).await {
        Ok((state, note)) => done(state, note),
        // The state keeps the triggers of the last run that succeeded: the next plan runs it again.
        Err((history, errors)) => Applied::partial(Model { history, ..prior }, errors),
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
    let tried = tried(context, planned, None).await;
    tried.map_err(|(_, errors)| errors)
}

/// The same, after what is recorded; a failure comes with the history that it is a part of.
async fn tried(
    context: &Context<Client>,
    planned: &Model,
    prior: Option<&Model>,
) -> Result<(Model, Option<Diagnostic>), (List<RunModel>, Diagnostics)> {
    let before = || prior.map_or(Attr::Null, |prior| prior.history.clone());
    let client = context.client().map_err(|errors| (before(), errors))?;
    let wanted = desired::whole(planned, client.tagging()).ok_or_else(|| {
        let bug = Diagnostics::bug("running the migration", "the plan has unknown values");
        (before(), bug)
    })?;
    let ended = migrate(client.ports(), &wanted, context.cancel()).await;
    let now = client.ports().clock.now();
    match ended {
        Ok(migrated) => {
            let note = migrated.taken_over.then(|| said::taken_over(&migrated));
            let run = history::succeeded(planned, prior, &migrated, now);
            let state = Model {
                history: history::with(prior, run),
                ..recorded(planned, &migrated, client.tagging())
            };
            Ok((state, note))
        }
        Err(failed) => {
            let history = prior.map_or(Attr::Null, |prior| {
                history::with(Some(prior), history::failed(planned, prior, &failed, now))
            });
            Err((history, said::diagnostic(&failed, planned).into()))
        }
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
