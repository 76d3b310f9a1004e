//! What an apply will change: a pure function of prior state and configuration, followed by a look at the names.

use std::collections::BTreeMap;

use switchyard_engine::monitoring::taken_names;
use tfplugin::context::Context;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::desired::{self, Entry};
use super::model::Model;
use super::{identity_value, said, shown, validate};
use crate::client::Client;
use crate::names::cluster_name;
use crate::tags::Tagging;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior, proposed, ..
    } = request;
    let client = context.client().ok();
    let tagging = client.map(Client::tagging);
    let settings = desired::settings(&proposed);
    let entries = settings.as_ref().map(desired::entries);
    let planned = planned(prior.as_ref(), proposed, entries.as_deref(), tagging);
    let mut said = Vec::new();
    if entries.as_ref().is_some_and(Vec::is_empty) {
        said.push(validate::no_alarm());
    }
    said.extend(
        settings
            .as_ref()
            .map(validate::late_warnings)
            .into_iter()
            .flatten(),
    );
    if let (Some(client), Some(entries)) = (client, &entries)
        && prior
            .as_ref()
            .is_none_or(|prior| prior.alarms != planned.alarms)
    {
        let names = tokio::select! {
            names = taken(client, prior.as_ref(), entries) => names,
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => Vec::new(),
        };
        said.extend((!names.is_empty()).then(|| said::taken_at_plan(&planned, &names)));
    }
    let before = prior.as_ref().and_then(desired::own_tags);
    let own = desired::own_tags(&planned);
    let ignored = tagging.zip(own.as_ref());
    said.extend(ignored.and_then(|(tagging, own)| tagging.not_written(own, before.as_ref())));
    let identity = identity_value(&planned);
    Planned::new(planned)
        .diagnostics(said.into_iter().collect())
        .identity(identity)
}

/// Names that others have. What cannot be asked is said by the apply.
async fn taken(client: &Client, prior: Option<&Model>, entries: &[Entry]) -> Vec<String> {
    let ours = prior.map(desired::recorded).unwrap_or_default().names;
    let alarms: Vec<_> = entries.iter().map(|entry| entry.alarm.clone()).collect();
    let taken = taken_names(client.ports(), &alarms, &ours).await;
    taken.unwrap_or_default()
}

fn planned(
    prior: Option<&Model>,
    proposed: Model,
    entries: Option<&[Entry]>,
    tagging: Option<&Tagging>,
) -> Model {
    let alarms = entries.map_or(Attr::Unknown, |entries| {
        Attr::Known(shown::planned(entries))
    });
    let unhealthy = entries.zip(desired::settings(&proposed));
    let unhealthy = unhealthy.map_or(Attr::Unknown, |(entries, settings)| {
        shown::unhealthy(&settings, entries)
    });
    let arns = match (prior.map(|prior| &prior.arns), &alarms) {
        (Some(Attr::Known(arns)), Attr::Known(alarms)) if arns.keys().eq(alarms.keys()) => {
            Attr::Known(arns.clone())
        }
        _ => Attr::Unknown,
    };
    Model {
        id: id(&proposed),
        tags_all: tags_all(&proposed, tagging),
        unhealthy_alarm: unhealthy,
        alarms,
        arns,
        ..proposed
    }
}

/// `CLUSTER/SERVICE/NAME`.
pub(super) fn id(model: &Model) -> Attr<String> {
    match (&model.cluster, &model.service, &model.name) {
        (Attr::Known(cluster), Attr::Known(service), Attr::Known(name)) => {
            Attr::Known(format!("{}/{service}/{name}", cluster_name(cluster)))
        }
        _ => Attr::Unknown,
    }
}

fn tags_all(planned: &Model, tagging: Option<&Tagging>) -> Attr<BTreeMap<String, String>> {
    match (tagging, desired::own_tags(planned)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    }
}
