//! Refresh and import.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use switchyard_engine::group::{GroupMember, Places, look_at_member, members_of};
use switchyard_engine::ports::{Error, ErrorKind, ServiceRef};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::Attr;

use super::arn::service_of;
use super::model::{MemberModel, Model};
use super::{desired, identity_value, order};
use crate::called;
use crate::client::Client;
use crate::names::{same_task_definition, task_definition_name};

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let is_new = request.state.member.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(request.state));
    }
    let places = &Places::from(context.client()?.ports());
    let state = request.state;
    let name = state.name.known().cloned();
    let name =
        name.ok_or_else(|| Diagnostics::bug("reading the group", "the state has no name"))?;
    let unreadable = |error: Error| called::unreadable(&format!("Group `{name}`"), &error);
    let known = match is_new {
        true => found(places, &name).await.map_err(unreadable)?,
        false => desired::members(&state).cloned().collect(),
    };
    let looks = known.into_iter().map(|member| look(places, member));
    let looked = try_join_all(looks).await.map_err(unreadable)?;
    // A member is what carries the group's tag: who has taken that away has taken the service out.
    let members = looked.into_iter().flatten();
    let members = members.filter(|(_, found)| found.group.as_ref() == Some(&name));
    let members: Vec<(MemberModel, GroupMember)> = members.collect();
    if members.is_empty() {
        return Ok(Refreshed::gone());
    }
    let state = refreshed(state, &members);
    let identity = identity_value(&state);
    Ok(Refreshed::present(state).identity(identity))
}

/// The services that carry the group's tag.
async fn found(places: &Places, group: &str) -> Result<Vec<MemberModel>, Error> {
    let services = members_of(places, group, None).await?;
    let members = services.into_iter().map(|service| MemberModel {
        name: Attr::Null,
        service: Attr::Known(service.arn),
        ..MemberModel::default()
    });
    Ok(members.collect())
}

/// A member and its service; nothing when the service is gone.
async fn look(
    places: &Places,
    member: MemberModel,
) -> Result<Option<(MemberModel, GroupMember)>, Error> {
    let service = member.service.known().and_then(|arn| service_of(arn));
    let Some(service) = service else {
        return Ok(None);
    };
    match look_at_member(places, &service).await {
        Ok(found) => Ok(found.map(|found| (imported(member, &service, &found), found))),
        // The cluster is gone, and everything in it.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A member of an import has no name yet: its note has one.
fn imported(member: MemberModel, service: &ServiceRef, found: &GroupMember) -> MemberModel {
    match member.name {
        Attr::Null => {
            let noted = found.note.as_ref().map(|note| note.member.clone());
            MemberModel {
                name: Attr::Known(noted.unwrap_or_else(|| service.name.clone())),
                ..member
            }
        }
        Attr::Known(_) | Attr::Unknown => member,
    }
}

fn refreshed(state: Model, members: &[(MemberModel, GroupMember)]) -> Model {
    let default = Model::defaults();
    let mut before = BTreeMap::new();
    let mut unfinished = Vec::new();
    for (member, found) in members {
        let (Some(name), standing) = (member.name.known(), found.standing()) else {
            continue;
        };
        before.insert(name.clone(), standing.before);
        if standing.is_open {
            unfinished.push(Attr::Known(name.clone()));
        }
    }
    let shown = members.iter().map(|(member, found)| {
        Attr::Known(MemberModel {
            task_definition: spelled(&member.task_definition, &found.task_definition),
            ..member.clone()
        })
    });
    let state = Model {
        member: Attr::Known(shown.collect()),
        id: state.name.clone(),
        before: Attr::Known(before),
        unfinished: Attr::Known(unfinished),
        pause_between_waves: state.pause_between_waves.or(default.pause_between_waves),
        member_timeout: state.member_timeout.or(default.member_timeout),
        on_cancel: state.on_cancel.or(default.on_cancel),
        ..state
    };
    // A member that is gone may be waited for in the state: the configuration decides what becomes of that.
    let waves = match order::planned(&state) {
        Attr::Unknown => state.waves.clone(),
        waves => waves,
    };
    Model { waves, ..state }
}

/// The live task definition, spelled as the user does: as an ARN or as `family:revision`.
pub(super) fn spelled(written: &Attr<String>, live: &str) -> Attr<String> {
    match written.known() {
        Some(name) if same_task_definition(name, live) => written.clone(),
        Some(name) if !name.starts_with("arn:") => {
            Attr::Known(task_definition_name(live).to_owned())
        }
        Some(_) | None => Attr::Known(live.to_owned()),
    }
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let name = match request {
        ImportRequest::Id(id) => id.clone(),
        ImportRequest::Identity(identity) => {
            let name = identity.attribute("name");
            name.as_str().unwrap_or_default().to_owned()
        }
    };
    if name.is_empty() || name.contains(['/', ':', ' ']) {
        return Err(Diagnostic::error(
            format!("`{name}` does not name a group"),
            "Nothing was imported.\n\nWrite the name of the group, as it is in the tag `switchyard:group` of its services.",
        )
        .into());
    }
    let model = Model {
        name: Attr::Known(name),
        ..Model::default()
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}
