//! What an apply will change: a pure function of prior state and configuration, followed by the checks that ask AWS.

use futures::future::join_all;
use switchyard_engine::group::{GroupCause, check_member};
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::arn::service_of;
use super::model::{MemberModel, Model};
use super::{desired, identity_value, order, said};
use crate::client::Client;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior, proposed, ..
    } = request;
    let changes = prior.as_ref().is_none_or(|prior| changes(prior, &proposed));
    let planned = planned(prior.as_ref(), proposed, changes);
    let said = match context.client() {
        Ok(client) if changes => tokio::select! {
            said = checked(client, &planned) => said,
            // The user wants out; the plan is thrown away.
            () = context.cancel().cancelled() => Diagnostics::none(),
        },
        Ok(_) | Err(_) => Diagnostics::none(),
    };
    let identity = identity_value(&planned);
    Planned::new(planned).identity(identity).diagnostics(said)
}

/// Whether an apply from here may deploy something, or has something to finish.
fn changes(prior: &Model, proposed: &Model) -> bool {
    let nothing_open = Attr::Known(Vec::new());
    prior.member != proposed.member || prior.unfinished != nothing_open
}

fn planned(prior: Option<&Model>, proposed: Model, changes: bool) -> Model {
    let before = match prior {
        Some(prior) if !changes => prior.before.clone(),
        Some(_) | None => Attr::Unknown,
    };
    Model {
        id: proposed.name.clone(),
        waves: order::planned(&proposed),
        before,
        unfinished: Attr::Known(Vec::new()),
        ..proposed
    }
}

/// Asks AWS whether each member can be in the group and run what it is to run. What is not known yet waits for the apply;
/// what cannot be asked is said by the apply.
async fn checked(client: &Client, planned: &Model) -> Diagnostics {
    let Some(group) = planned.name.known() else {
        return Diagnostics::none();
    };
    let checks = desired::members(planned).filter_map(|member| check(client, group, member));
    let causes = join_all(checks).await.into_iter().flatten();
    let asked = causes.filter(|cause| !matches!(cause, GroupCause::Early { .. }));
    asked.map(|cause| said::cause(&cause, group)).collect()
}

fn check<'c>(
    client: &'c Client,
    group: &'c str,
    member: &'c MemberModel,
) -> Option<impl Future<Output = Option<GroupCause>> + use<'c>> {
    let key = member.name.known()?;
    let service = service_of(member.service.known()?)?;
    let definition = member.task_definition.known().map(String::as_str);
    Some(async move {
        let checked = check_member(client.ports(), group, key, &service, definition).await;
        checked.err()
    })
}
