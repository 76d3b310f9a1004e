//! Refresh and import.

use switchyard_engine::monitoring::is_same_body;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::Attr;

use super::model::Model;
use super::{drift, identity_value, recover};
use crate::alarm_set::memory::Memory;
use crate::called;
use crate::client::Client;
use crate::region::of_id;

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let is_new = request.state.body.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    let name = request
        .state
        .name
        .known()
        .ok_or_else(|| Diagnostics::bug("reading the dashboard", "the state has no name"))?;
    let found = client.ports().monitoring.find_dashboard(name).await;
    let found =
        found.map_err(|error| called::unreadable(&format!("Dashboard `{name}`"), &error))?;
    let Some(live) = found else {
        return Ok(Refreshed::gone());
    };
    let (state, warning) = if is_new {
        (recover::recovered(&request.state, &live), None)
    } else {
        let body = match request.state.body.known() {
            // Spaces and the order of members mean nothing.
            Some(recorded) if is_same_body(recorded, &live.body) => recorded.clone(),
            Some(_) | None => live.body,
        };
        let state = Model {
            arn: Attr::Known(live.arn),
            body: Attr::Known(body),
            ..request.state.clone()
        };
        let memory = Memory::of(&request.private)?;
        // A failed apply may have left more than the state says.
        let warning = drift::warning(&request.state, &state).filter(|_| !memory.unseen);
        (state, warning)
    };
    let identity = identity_value(&state);
    let refreshed = Refreshed::present(state)
        .private(Memory::default().to_private()?)
        .identity(identity);
    Ok(warning.into_iter().fold(refreshed, Refreshed::warning))
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    // Dashboards belong to the account: the region is that of the metrics, where the body does not say it.
    let (name, region) = match request {
        ImportRequest::Id(id) => match of_id(id) {
            Some((name, region)) => (Some(name), Attr::Known(region.to_owned())),
            None => (Some(id.as_str()), Attr::Null),
        },
        ImportRequest::Identity(identity) => (identity.attribute("name").as_str(), Attr::Null),
    };
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
        Diagnostics::error(
            "The import does not name a dashboard",
            "Nothing was imported.\n\nWrite the name of the dashboard as the id, or as `name` of the identity.",
        )
    })?;
    let model = Model {
        id: Attr::Known(name.to_owned()),
        name: Attr::Known(name.to_owned()),
        region,
        ..Model::default()
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}
