//! Create, update and delete: the engine does the work, this file keeps the records.

use switchyard_engine::listener_rule::{DesiredRule, create_rule, delete_rule, update_rule};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};

use super::memory::Memory;
use super::model::Model;
use super::said::{self, At};
use super::{desired, identity_value, state};
use crate::client::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    let (client, wanted) = match ready(context, &request.planned) {
        Ok(ready) => ready,
        Err(errors) => return Applied::untouched(errors),
    };
    let made = client.made_rules();
    match create_rule(client.ports(), &wanted, &made.all()).await {
        Ok(live) => {
            made.add(&live.detail.rule.arn);
            let state = state::completed(&request.planned, &live, client.tagging());
            let memory = Memory::written(&request.config, &wanted.pair);
            recorded(Applied::done(state), &memory)
        }
        Err(refused) => Applied::untouched(said::diagnostic(&refused, At::Create)),
    }
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let UpdateRequest {
        prior,
        planned,
        config,
        private,
        ..
    } = request;
    let (client, wanted) = match ready(context, &planned) {
        Ok(ready) => ready,
        Err(errors) => return Applied::untouched(errors),
    };
    let memory = match Memory::of(&private) {
        Ok(memory) => memory,
        Err(errors) => return Applied::untouched(errors),
    };
    let Some(arn) = prior.arn.known() else {
        return Applied::untouched(Diagnostics::bug(
            "changing the rule",
            "the state has no ARN",
        ));
    };
    let before = memory.pair(&prior);
    match update_rule(client.ports(), client.moves(), arn, &wanted, &before).await {
        Ok(live) => {
            let state = state::completed(&planned, &live, client.tagging());
            recorded(
                Applied::done(state),
                &Memory::written(&config, &wanted.pair),
            )
        }
        Err(failed) => {
            let error = said::diagnostic(&failed.refused, At::Update);
            let memory = memory.failed(failed.live.is_none());
            // What AWS has now could not be read: the last known state is the best there is.
            let state = failed.live.map_or_else(
                || prior.clone(),
                |live| state::refreshed(&prior, &live, client.tagging()),
            );
            recorded(Applied::partial(state, error), &memory)
        }
    }
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let Some(arn) = request.prior.arn.known() else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the rule",
            "the state has no ARN",
        ));
    };
    match delete_rule(client.ports(), arn).await {
        Ok(()) => Deleted::done(),
        Err(refused) => Deleted::failed(said::diagnostic(&refused, At::Delete)),
    }
}

fn ready<'a>(
    context: &'a Context<Client>,
    planned: &Model,
) -> Result<(&'a Client, DesiredRule), Diagnostics> {
    let client = context.client()?;
    let wanted = desired::wanted(planned, client.tagging()).ok_or_else(|| {
        Diagnostics::bug(
            "applying the rule",
            "the plan contains a value that is unknown or not valid",
        )
    })?;
    Ok((client, wanted))
}

/// The answer with identity and memory.
fn recorded(applied: Applied<Model>, memory: &Memory) -> Applied<Model> {
    let identity = applied.state().and_then(identity_value);
    let applied = applied.identity(identity);
    match memory.to_private() {
        Ok(private) => applied.private(private),
        // It has a form; the state alone does nearly as well.
        Err(_) => applied.private(Private::new()),
    }
}
