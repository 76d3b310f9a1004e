//! Create, update and delete: the engine does the work, this file keeps the records.

use switchyard_engine::monitoring::{DashboardCall, DashboardFailed, apply_dashboard};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::model::Model;
use super::{board, identity_value, said};
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

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let Some(name) = request.prior.name.known() else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the dashboard",
            "the state has no name",
        ));
    };
    match client.ports().monitoring.delete_dashboard(name).await {
        Ok(()) => Deleted::done(),
        Err(error) => Deleted::failed(said::not_deleted(name, &error)),
    }
}

async fn bring_about(
    context: &Context<Client>,
    prior: Option<Model>,
    planned: Model,
) -> Applied<Model> {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let planned = match &planned.region {
        Attr::Unknown | Attr::Null => Model {
            region: Attr::from(client.ports().services.region().await),
            ..planned
        },
        Attr::Known(_) => planned,
    };
    let body = board::body_of(&planned);
    let (Some(name), Some(text)) = (planned.name.known(), body.known()) else {
        return if planned.region.is_null() {
            Applied::untouched(said::no_region())
        } else {
            Applied::untouched(Diagnostics::bug(
                "applying the dashboard",
                "the plan contains a value that is unknown or not valid",
            ))
        };
    };
    let applied = apply_dashboard(client.ports(), name, text, prior.is_some()).await;
    match applied {
        Ok((live, remarks)) => {
            let note = (!remarks.is_empty()).then(|| said::remarks(name, &remarks));
            let state = Model {
                id: planned.name.clone(),
                arn: Attr::Known(live.arn),
                body,
                ..planned
            };
            let identity = identity_value(&state);
            note.into_iter()
                .fold(Applied::done(state), Applied::warning)
                .identity(identity)
        }
        Err(failed) => {
            let errors = said::failed(name, &failed);
            match prior {
                Some(prior) => {
                    // Whether the put took effect is not known.
                    let unseen = match failed {
                        DashboardFailed::Taken
                        | DashboardFailed::Call {
                            doing: DashboardCall::Read,
                            ..
                        } => false,
                        DashboardFailed::Call {
                            doing: DashboardCall::Put | DashboardCall::ReadAgain,
                            ..
                        }
                        | DashboardFailed::NotSeen => true,
                    };
                    let identity = identity_value(&prior);
                    let applied = Applied::partial(prior, errors).identity(identity);
                    match (Memory { unseen }).to_private() {
                        Ok(private) => applied.private(private),
                        // It has a form; the state alone does nearly as well.
                        Err(_) => applied,
                    }
                }
                // Nothing was made, or the next apply finds what was made to be as desired.
                None => Applied::untouched(errors),
            }
        }
    }
}
