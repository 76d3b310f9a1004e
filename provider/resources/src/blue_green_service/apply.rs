//! Create, update and delete: the engine does the work, this file keeps the records.

use switchyard_engine::ports::ServiceStatus;
use switchyard_engine::{
    Applied as Outcome, Failure, FailureKind, Intent, Live, Report, ReportKind,
};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::model::Model;
use super::{identity_value, state, wanted};
use crate::provider::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    let planned = request.planned;
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let Some(wanted) = wanted::wanted(&planned, Intent::Create, false, client.default_tags())
    else {
        return Applied::untouched(unreadable("creating"));
    };
    let outcome = Box::pin(switchyard_engine::apply(
        client.ports(),
        &wanted,
        context.cancel(),
    ))
    .await;
    answer(client, &planned, None, outcome)
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let UpdateRequest { prior, planned, .. } = request;
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let force = prior.redeploy_triggers != planned.redeploy_triggers;
    let Some(mut wanted) = wanted::wanted(&planned, Intent::Update, force, client.default_tags())
    else {
        return Applied::untouched(unreadable("updating"));
    };
    wanted::reset_removed(&mut wanted, &prior, &planned);
    let outcome = Box::pin(switchyard_engine::apply(
        client.ports(),
        &wanted,
        context.cancel(),
    ))
    .await;
    answer(client, &planned, Some(&prior), outcome)
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let Some(service) = wanted::service_ref(&request.prior) else {
        return Deleted::failed(Diagnostics::bug(
            "deleting the service",
            "the state has no cluster or no name",
        ));
    };
    let limit = wanted::delete_limit(&request.prior);
    match switchyard_engine::delete(client.ports(), &service, limit, context.cancel()).await {
        Ok(()) => Deleted::done(),
        Err(failure) => Deleted::failed(diagnostic(&failure)),
    }
}

fn answer(
    client: &Client,
    planned: &Model,
    prior: Option<&Model>,
    outcome: Outcome,
) -> Applied<Model> {
    let applied = match (outcome.live, outcome.result) {
        (Some(live), Ok(report)) => {
            let mut state = state::completed(planned, &live, client.default_tags());
            record(&mut state, prior, &report);
            Applied::done(state)
        }
        // Recording somebody else's service would let the next apply replace it.
        (Some(live), Err(failure)) if prior.is_none() && !is_ours(&live, &failure) => {
            Applied::untouched(diagnostic(&failure))
        }
        (Some(live), Err(failure)) => {
            let mut state = state::refreshed(planned, &live, client.default_tags());
            if let Some(prior) = prior {
                match outcome.deployed {
                    // Only a later step failed: the triggers have done their work.
                    Some(id) => state.deployment_id = Attr::Known(id),
                    // The triggers of a deployment that failed have not taken effect: the next plan sees them again.
                    None => {
                        state.redeploy_triggers = prior.redeploy_triggers.clone();
                        state.deployment_id = prior.deployment_id.clone();
                    }
                }
            }
            Applied::partial(state, diagnostic(&failure))
        }
        (None, Err(failure)) => match prior {
            // What AWS has now could not be read: the last known state is the best there is.
            Some(prior) => Applied::partial(prior.clone(), diagnostic(&failure)),
            // Nothing exists, or a service with the mark of an unfinished creation, which the next apply takes up.
            None => Applied::untouched(diagnostic(&failure)),
        },
        (None, Ok(_)) => Applied::untouched(Diagnostics::bug(
            "recording the service",
            "the apply succeeded, but the service it left was not read",
        )),
    };
    match applied.state().and_then(identity_value) {
        Some(identity) => applied.identity(identity),
        None => applied,
    }
}

/// Whether a service seen after a failed creation is the one this creation made.
fn is_ours(live: &Live, failure: &Failure) -> bool {
    let foreign = matches!(
        failure.kind,
        FailureKind::AlreadyExists | FailureKind::ControllerDiffers
    );
    // DRAINING is an earlier service of the same name.
    live.service.status != ServiceStatus::Draining && !foreign
}

fn record(state: &mut Model, prior: Option<&Model>, report: &Report) {
    if state.will_deploy.is_unknown() {
        state.will_deploy = Attr::Known(matches!(
            report.kind,
            ReportKind::Created | ReportKind::RolledOut
        ));
    }
    if state.deployment_id.is_unknown() {
        let before = || prior.map_or(Attr::Null, |prior| prior.deployment_id.clone());
        state.deployment_id = report
            .deployment_id
            .clone()
            .map_or_else(before, Attr::Known);
    }
}

fn diagnostic(failure: &Failure) -> Diagnostic {
    Diagnostic::error(failure.summary.clone(), failure.detail())
}

fn unreadable(doing: &str) -> Diagnostics {
    Diagnostics::bug(
        format_args!("{doing} the service"),
        "the plan holds a value that is unknown or not valid",
    )
}
