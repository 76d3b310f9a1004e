//! What an apply will change: a pure function of prior state and configuration, and a look at the name.

use switchyard_engine::monitoring::taken_dashboard;
use tfplugin::context::Context;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::model::Model;
use super::{board, identity_value, said};
use crate::client::Client;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior,
        config,
        proposed,
        ..
    } = request;
    let client = context.client().ok();
    let region = match (client, &config.region) {
        (Some(client), Attr::Null) => {
            let region = client.ports().services.region().await;
            region.map_or(Attr::Unknown, Attr::Known)
        }
        (None, Attr::Null) => Attr::Unknown,
        (_, written) => written.clone(),
    };
    let proposed = Model {
        id: config.name.clone(),
        arn: prior
            .as_ref()
            .map_or(Attr::Unknown, |prior| prior.arn.clone()),
        region,
        ..proposed
    };
    let planned = Model {
        body: board::body_of(&proposed),
        ..proposed
    };
    let mut said = Vec::new();
    if let (None, Some(client), Some(name), Some(body)) =
        (&prior, client, planned.name.known(), planned.body.known())
    {
        let is_taken = tokio::select! {
            // What cannot be asked is said by the apply.
            taken = taken_dashboard(client.ports(), name, body) => taken.unwrap_or(false),
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => false,
        };
        said.extend(is_taken.then(|| said::taken_at_plan(name)));
    }
    let identity = identity_value(&planned);
    Planned::new(planned)
        .diagnostics(said.into_iter().collect())
        .identity(identity)
}
