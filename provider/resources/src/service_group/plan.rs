//! What an apply will change: a pure function of prior state and configuration, followed by the checks that ask AWS.

use futures::future::join_all;
use switchyard_engine::frozen as frozen_now;
use switchyard_engine::group::{GroupCause, Places, check_member};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{PlanRequest, Planned};
use tfplugin::value::Attr;

use super::arn::service_of;
use super::model::{MemberModel, Model};
use super::{desired, identity_value, order, said, validate};
use crate::blue_green_service::checks;
use crate::client::Client;

pub(super) async fn plan(context: &Context<Client>, request: PlanRequest<Model>) -> Planned<Model> {
    let PlanRequest {
        prior, proposed, ..
    } = request;
    let changes = prior.as_ref().is_none_or(|prior| changes(prior, &proposed));
    let planned = planned(prior.as_ref(), proposed, changes);
    if let Some(error) = validate::not_here(&planned) {
        return Planned::refused(error);
    }
    let said = match context.client() {
        Ok(client) if changes => tokio::select! {
            said = checked(client, &planned) => said
                .into_iter()
                .chain(frozen(client, prior.as_ref(), &planned))
                .collect(),
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
    let places = Places::from(client.ports());
    let checks = desired::members(planned).filter_map(|member| check(&places, group, member));
    let causes = join_all(checks).await.into_iter().flatten();
    let asked = causes.filter(|cause| !matches!(cause, GroupCause::Early { .. }));
    asked.map(|cause| said::cause(&cause, group)).collect()
}

/// Members that the plan deploys, as far as it is known, and that may not be deployed now.
fn frozen(client: &Client, prior: Option<&Model>, planned: &Model) -> Vec<Diagnostic> {
    let group = planned.name.known().map_or("", String::as_str);
    let before = |member: &MemberModel| {
        let mut before = prior.into_iter().flat_map(desired::members);
        before.find(|other| other.name == member.name)
    };
    let moves = |member: &&MemberModel| {
        before(member).is_some_and(|it| it.task_definition != member.task_definition)
    };
    let moving = desired::members(planned).filter(moves);
    let frozen = moving.filter_map(|member| {
        let checks = checks(member.checks.known()?).ok()?;
        let found = frozen_now(client.ports(), &checks.freezes)?;
        Some((member.name.known()?.clone(), found))
    });
    let said = frozen.map(|(member, frozen)| match client.freeze_override() {
        Some(why) => said::overridden(group, &member, &frozen, why),
        None => said::cause(&GroupCause::Frozen { member, frozen }, group),
    });
    said.collect()
}

fn check<'c>(
    places: &'c Places,
    group: &'c str,
    member: &'c MemberModel,
) -> Option<impl Future<Output = Option<GroupCause>> + use<'c>> {
    let key = member.name.known()?;
    let service = service_of(member.service.known()?)?;
    let definition = member.task_definition.known().map(String::as_str);
    Some(async move {
        let checked = check_member(places, group, key, &service, definition).await;
        checked.err()
    })
}
