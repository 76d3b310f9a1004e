//! Create, update and delete: the engine does the work, this file keeps the records.

use switchyard_engine::Intent;
use switchyard_engine::function_alias::{AliasApplied, AliasFailed, End, apply_alias};
use switchyard_engine::ports::Version;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};

use super::model::Model;
use super::{desired, identity_value, said, state};
use crate::alarm_set::memory::Memory;
use crate::client::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    bring_about(context, None, request.planned).await
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    bring_about(context, Some(request.prior), request.planned).await
}

async fn bring_about(
    context: &Context<Client>,
    prior: Option<Model>,
    planned: Model,
) -> Applied<Model> {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return unchanged(prior, errors),
    };
    let Some(wanted) = desired::wanted(&planned) else {
        let bug = Diagnostics::bug(
            "applying the alias",
            "the plan contains a value that is unknown or not valid",
        );
        return unchanged(prior, bug);
    };
    client.apply_begins();
    let intent = match prior {
        Some(_) => Intent::Update,
        None => Intent::Create,
    };
    match apply_alias(client.ports(), &wanted, intent, context.cancel()).await {
        Ok(applied) => done(&planned, &applied),
        Err(failed) => {
            let errors = said::failed(&failed, &wanted);
            match prior {
                Some(prior) => left(prior, &failed, errors),
                // Nothing was made, or the next apply finds what was made to be as it is wanted.
                None => Applied::untouched(errors),
            }
        }
    }
}

fn unchanged(prior: Option<Model>, errors: Diagnostics) -> Applied<Model> {
    match prior {
        Some(prior) => recorded(Applied::partial(prior, errors), false),
        None => Applied::untouched(errors),
    }
}

fn done(planned: &Model, applied: &AliasApplied) -> Applied<Model> {
    let previous = applied
        .before
        .map(|before| before.settled)
        .filter(|before| *before != applied.alias.routing.settled && *before != Version::Latest);
    let state = state::completed(planned, &applied.alias, previous);
    let note = (applied.end == End::Adopted).then(|| said::adopted(applied));
    let applied = note
        .into_iter()
        .fold(Applied::done(state), Applied::warning);
    recorded(applied, false)
}

/// An update that failed: what AWS has now, or the last known state when it does not say.
fn left(prior: Model, failed: &AliasFailed, errors: Diagnostics) -> Applied<Model> {
    let state = match &failed.alias {
        Some(live) if failed.is_seen => state::refreshed(&prior, live),
        Some(_) | None => prior,
    };
    recorded(Applied::partial(state, errors), !failed.is_seen)
}

/// The answer with identity and memory.
fn recorded(applied: Applied<Model>, unseen: bool) -> Applied<Model> {
    let identity = applied.state().and_then(identity_value);
    let applied = applied.identity(identity);
    match (Memory { unseen }).to_private() {
        Ok(private) => applied.private(private),
        // It has a form; the state alone does nearly as well.
        Err(_) => applied,
    }
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let (Some(function), Some(name)) = (
        request.prior.function_name.known(),
        request.prior.name.known(),
    ) else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the alias",
            "the state has no function or no name",
        ));
    };
    let aliases = &client.ports().function_aliases;
    match aliases.delete_alias(function, name).await {
        Ok(()) => Deleted::done(),
        Err(error) => Deleted::failed(said::not_deleted(function, name, &error)),
    }
}
