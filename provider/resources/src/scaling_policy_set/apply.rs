//! Create, update and delete: the engine does the work, this file keeps the records.

use std::collections::BTreeMap;

use switchyard_engine::Failure;
use switchyard_engine::scaling::{Owned, ScalingApplied, apply_scaling, delete_scaling};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::private::Private;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::{Blocks, Model, Named, blocks, known_blocks};
use super::state::{self, Shown};
use super::words::UnmanagedWord;
use super::{desired, identity_value};
use crate::client::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    bring_about(context, None, &request.planned, &request.private).await
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let prior = Some(&request.prior);
    bring_about(context, prior, &request.planned, &request.private).await
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let Some(service) = desired::service_ref(&request.prior) else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the scaling",
            "the state has no cluster or no service",
        ));
    };
    let memory = match Memory::of(&request.private) {
        Ok(memory) => memory,
        Err(errors) => return Deleted::failed(errors),
    };
    let owned = desired::owned(&request.prior, &memory);
    let whole = request.prior.unmanaged == Attr::Known(UnmanagedWord::Remove);
    let outcome = delete_scaling(client.ports(), &service, &owned, whole).await;
    match (outcome.result, outcome.live) {
        (Err(failure), _) => Deleted::failed(diagnostic(&failure)),
        (Ok(()), None) => Deleted::done(),
        (Ok(()), Some(_)) => Deleted::done().warning(Diagnostic::warning(
            format!("Service `{}` is still scaled by others", service.name),
            "Everything in this configuration was deleted. The scalable target and its bounds stay, because \
             policies or schedules that are not in the state use them.\n\nIf the service must not be scaled at all, \
             delete those in AWS.",
        )),
    }
}

async fn bring_about(
    context: &Context<Client>,
    prior: Option<&Model>,
    planned: &Model,
    private: &Private,
) -> Applied<Model> {
    let memory = match Memory::of(private) {
        Ok(memory) => memory,
        Err(errors) => return Applied::untouched(errors),
    };
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let Some(wanted) = desired::wanted(planned, client.tagging()) else {
        return Applied::untouched(Diagnostics::bug(
            "applying the scaling",
            "the plan contains a value that is unknown or not valid",
        ));
    };
    let owned = match prior {
        Some(prior) => desired::owned(prior, &memory),
        None => Owned::default(),
    };
    let outcome = apply_scaling(client.ports(), &wanted, &owned).await;
    let ScalingApplied {
        owned,
        live,
        result,
    } = outcome;
    // Success was seen; after a failure it depends.
    let unseen = result.is_err() && live.is_none();
    let applied = match (result, live) {
        (Ok(()), Some(live)) => Applied::done(state::completed(planned, &live)),
        (Ok(()), None) => gone(prior),
        (Err(failure), Some(live)) if owned.target => {
            let known = with_entries_of(prior, planned);
            let shown = Shown::Ours(&owned);
            let tags = client.tagging();
            let state = state::refreshed(&known, &wanted.service, shown, &live, tags);
            Applied::partial(state, diagnostic(&failure))
        }
        (Err(failure), _) => match prior {
            // What AWS has now could not be read: the last known state is the best there is.
            Some(prior) => Applied::partial(prior.clone(), diagnostic(&failure)),
            // The target was made, and what became of it could not be read: the next refresh does.
            None if owned.target => {
                Applied::partial(state::presumed(planned, &owned), diagnostic(&failure))
            }
            None => Applied::untouched(diagnostic(&failure)),
        },
    };
    let identity = applied.state().and_then(identity_value);
    let applied = applied.identity(identity);
    let mut memory = Memory {
        unseen,
        alarms: owned.alarms,
        ..Memory::default()
    };
    if unseen {
        (memory.policies, memory.schedules) = (owned.policies, owned.schedules);
    }
    match memory.to_private() {
        Ok(private) => applied.private(private),
        // It has a form; the state alone does nearly as well.
        Err(_) => applied,
    }
}

fn gone(prior: Option<&Model>) -> Applied<Model> {
    let error = Diagnostics::error(
        "The scaling was removed during the apply",
        "Everything was applied, but then the service no longer had a scalable target: somebody deleted it at the \
         same time.\n\nFind out who deleted it, and apply again.",
    );
    match prior {
        Some(prior) => Applied::partial(prior.clone(), error),
        None => Applied::untouched(error),
    }
}

/// The plan, with what of the prior state it no longer has: after a failure, some of that still exists.
fn with_entries_of(prior: Option<&Model>, planned: &Model) -> Model {
    let Some(prior) = prior else {
        return planned.clone();
    };
    Model {
        target_tracking: joined(&prior.target_tracking, &planned.target_tracking),
        step: joined(&prior.step, &planned.step),
        predictive: joined(&prior.predictive, &planned.predictive),
        scheduled_action: joined(&prior.scheduled_action, &planned.scheduled_action),
        ..planned.clone()
    }
}

fn joined<T: Clone + Named + Ord>(prior: &Blocks<T>, planned: &Blocks<T>) -> Blocks<T> {
    let mut all: BTreeMap<_, _> = known_blocks(prior).collect();
    all.extend(known_blocks(planned));
    blocks(all.into_values().cloned())
}

fn diagnostic(failure: &Failure) -> Diagnostic {
    Diagnostic::error(failure.summary(), failure.detail())
}
