//! Create, update and delete: the engine does the work, this file keeps the records.

use std::collections::BTreeMap;

use switchyard_engine::monitoring::{AlarmsApplied, AlarmsFailed, apply_alarms, delete_alarms};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::private::Private;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::{desired, identity_value, plan, said, shown};
use crate::client::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    bring_about(context, None, &request.planned).await
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    bring_about(context, Some(&request.prior), &request.planned).await
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let names = desired::recorded(&request.prior).names;
    match delete_alarms(client.ports(), &names).await {
        Ok(()) => Deleted::done(),
        Err(failed) => Deleted::failed(said::failed(&failed, &request.prior)),
    }
}

async fn bring_about(
    context: &Context<Client>,
    prior: Option<&Model>,
    planned: &Model,
) -> Applied<Model> {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let tagging = client.tagging();
    let (Some(wanted), Some(own)) = (
        desired::wanted(planned, tagging),
        desired::own_tags(planned),
    ) else {
        return Applied::untouched(Diagnostics::bug(
            "applying the alarms",
            "the plan contains a value that is unknown or not valid",
        ));
    };
    // What was unknown when it was planned is known now.
    let planned = completed(planned, tagging.planned(&own));
    let recorded = prior.map(desired::recorded).unwrap_or_default();
    let applied = apply_alarms(client.ports(), &wanted, &recorded).await;
    match &applied.result {
        Ok(()) => {
            let live = applied.live.unwrap_or_default();
            let arns = shown::with_live(planned.clone(), &live).arns;
            noted(Applied::done(Model { arns, ..planned }), false)
        }
        Err(failed) => {
            let errors = said::failed(failed, &planned);
            left(prior, &planned, &applied, errors.into())
        }
    }
}

fn completed(planned: &Model, tags_all: BTreeMap<String, String>) -> Model {
    let settings = desired::settings(planned);
    let entries = settings.as_ref().map(desired::entries).unwrap_or_default();
    Model {
        id: plan::id(planned),
        alarms: Attr::Known(shown::planned(&entries)),
        unhealthy_alarm: settings
            .map_or(Attr::Null, |settings| shown::unhealthy(&settings, &entries)),
        tags_all: Attr::Known(tags_all),
        ..planned.clone()
    }
}

/// After a failure: the configuration of the state, with the alarms that there are.
fn left(
    prior: Option<&Model>,
    planned: &Model,
    applied: &AlarmsApplied,
    errors: Diagnostics,
) -> Applied<Model> {
    let taken = matches!(applied.result, Err(AlarmsFailed::Taken(_)));
    match (prior, &applied.live) {
        // Nothing was changed.
        (Some(prior), _) if taken => noted(Applied::partial(prior.clone(), errors), false),
        (None, _) if taken => Applied::untouched(errors),
        (Some(prior), Some(live)) => {
            let state = shown::with_live(prior.clone(), live);
            noted(Applied::partial(state, errors), false)
        }
        // What AWS has now could not be read: the last known state is the best there is.
        (Some(prior), None) => noted(Applied::partial(prior.clone(), errors), true),
        (None, Some(live)) if live.is_empty() => Applied::untouched(errors),
        (None, Some(live)) => {
            let state = shown::with_live(planned.clone(), live);
            noted(Applied::partial(state, errors), false)
        }
        (None, None) if applied.put.is_empty() => Applied::untouched(errors),
        (None, None) => {
            let mut alarms = planned.alarms.known().cloned().unwrap_or_default();
            alarms.retain(|_, alarm| {
                let name = alarm.name.known();
                name.is_some_and(|name| applied.put.contains(name))
            });
            let state = Model {
                alarms: Attr::Known(alarms),
                arns: Attr::Known(BTreeMap::new()),
                ..planned.clone()
            };
            noted(Applied::partial(state, errors), true)
        }
    }
}

/// The answer with identity and memory.
fn noted(applied: Applied<Model>, unseen: bool) -> Applied<Model> {
    let identity = applied.state().and_then(identity_value);
    let applied = applied.identity(identity);
    match (Memory { unseen }).to_private() {
        Ok(private) => applied.private(private),
        // It has a form; the state alone does nearly as well.
        Err(_) => applied.private(Private::new()),
    }
}
