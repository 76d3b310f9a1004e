//! What an apply will change: a pure function of prior state and configuration, followed by the checks that ask AWS.

use std::collections::BTreeMap;

use switchyard_engine::listener_rule::{Refused, verify_creation, verify_update};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::said::{self, At};
use super::{desired, drift, identity_value, state};
use crate::client::Client;
use crate::tags::Tagging;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior,
        config,
        proposed,
        private,
        ..
    } = request;
    let memory = match Memory::of(&private) {
        Ok(memory) => memory,
        Err(errors) => return Planned::refused(errors),
    };
    let client = context.client().ok();
    let tagging = client.map(Client::tagging);
    let planned = match &prior {
        None => Model {
            tags_all: tags_all(&proposed, tagging),
            ..proposed
        },
        Some(prior) => updated(prior, &config, proposed, tagging),
    };
    let refused = tokio::select! {
        refused = checked(client, prior.as_ref(), &planned, &memory) => refused,
        // The user wants out; the plan is thrown away.
        () = context.cancel().cancelled() => Vec::new(),
    };
    let back = prior
        .as_ref()
        .and_then(|prior| drift::tags_warning(&memory, prior, &planned));
    let before = prior.as_ref().and_then(desired::own_tags);
    let left = tagging
        .zip(desired::own_tags(&planned))
        .and_then(|(tagging, own)| tagging.not_written(&own, before.as_ref()));
    let said: Diagnostics = refused
        .iter()
        .map(|refused| said::diagnostic(refused, At::Plan))
        .chain(back)
        .chain(left)
        .collect();
    let identity = identity_value(&planned);
    Planned::new(planned).diagnostics(said).identity(identity)
}

/// The plan of an update; equal to the prior state when nothing changes.
fn updated(prior: &Model, config: &Model, planned: Model, tagging: Option<&Tagging>) -> Model {
    let planned = state::as_recorded(prior, planned);
    Model {
        id: prior.id.clone(),
        arn: prior.arn.clone(),
        priority: if config.priority.is_null() {
            prior.priority
        } else {
            planned.priority
        },
        tags_all: tags_all(&planned, tagging),
        ..planned
    }
}

fn tags_all(planned: &Model, tagging: Option<&Tagging>) -> Attr<BTreeMap<String, String>> {
    match (tagging, desired::own_tags(planned)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    }
}

/// Asks AWS whether the plan can work. Waits for the apply while something is unknown; a plan that changes nothing
/// asks nothing.
async fn checked(
    client: Option<&Client>,
    prior: Option<&Model>,
    planned: &Model,
    memory: &Memory,
) -> Vec<Refused> {
    let Some(client) = client else {
        return Vec::new();
    };
    let Some(wanted) = desired::wanted(planned, client.tagging()) else {
        return Vec::new();
    };
    let ports = client.ports();
    match prior {
        None => verify_creation(ports, &wanted).await,
        Some(prior) if prior == planned => Vec::new(),
        Some(prior) => match prior.arn.known() {
            Some(arn) => verify_update(ports, arn, &wanted, &memory.pair(prior)).await,
            None => Vec::new(),
        },
    }
}
