//! What an apply will change: a pure function of prior state and configuration, followed by the checks that ask AWS.

use switchyard_engine::function_alias::verify_alias;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::model::Model;
use super::{desired, identity_value, said, state};
use crate::client::Client;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior, proposed, ..
    } = request;
    let planned = planned(prior.as_ref(), proposed);
    let moves = prior.as_ref().is_none_or(|prior| moves(prior, &planned));
    let said = match context.client() {
        Ok(client) if moves => tokio::select! {
            said = checked(client, prior.is_none(), &planned) => said,
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => Diagnostics::none(),
        },
        Ok(_) | Err(_) => Diagnostics::none(),
    };
    let identity = identity_value(&planned);
    Planned::new(planned).diagnostics(said).identity(identity)
}

/// Whether an apply from here changes where traffic goes. What is not known yet may differ.
fn moves(prior: &Model, planned: &Model) -> bool {
    prior.function_version != planned.function_version || prior.traffic != planned.traffic
}

fn planned(prior: Option<&Model>, proposed: Model) -> Model {
    let traffic = match &proposed.function_version {
        Attr::Known(version) => state::all_for(version),
        Attr::Null | Attr::Unknown => Attr::Unknown,
    };
    let id = state::id(&proposed);
    match prior {
        None => Model {
            id,
            arn: Attr::Unknown,
            invoke_arn: Attr::Unknown,
            traffic,
            previous_version: Attr::Null,
            ..proposed
        },
        Some(prior) => Model {
            id,
            arn: prior.arn.clone(),
            invoke_arn: prior.invoke_arn.clone(),
            traffic,
            // What is taken back was never the version before.
            previous_version: match prior.function_version == proposed.function_version {
                true => prior.previous_version.clone(),
                false => Attr::Unknown,
            },
            ..proposed
        },
    }
}

/// Asks AWS whether the plan can work. Waits for the apply while something is unknown.
async fn checked(client: &Client, creates: bool, planned: &Model) -> Diagnostics {
    let Some(wanted) = desired::wanted(planned) else {
        return Diagnostics::none();
    };
    let doubts = verify_alias(client.ports(), &wanted, creates).await;
    doubts
        .iter()
        .map(|doubt| said::doubt(doubt, &wanted))
        .collect()
}
