//! Refresh and import.

use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::Attr;

use super::model::Model;
use super::{drift, identity_value, state};
use crate::alarm_set::memory::Memory;
use crate::called;
use crate::client::Client;

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let is_new = request.state.arn.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    let (Some(function), Some(name)) = (
        request.state.function_name.known(),
        request.state.name.known(),
    ) else {
        return Err(Diagnostics::bug(
            "reading the alias",
            "the state has no function or no name",
        ));
    };
    let found = client
        .ports()
        .function_aliases
        .find_alias(function, name)
        .await;
    let found = found.map_err(|error| {
        called::unreadable(&format!("Alias `{name}` of function `{function}`"), &error)
    })?;
    let Some(live) = found else {
        return Ok(Refreshed::gone());
    };
    let recorded = match is_new {
        true => with_defaults(&request.state),
        false => request.state.clone(),
    };
    let found = state::refreshed(&recorded, &live);
    let memory = Memory::of(&request.private)?;
    // An import has left nothing to compare with, and a failed apply may have left more than the state says.
    let warning = match is_new || memory.unseen {
        true => None,
        false => drift::warning(&request.state, &found),
    };
    let identity = identity_value(&found);
    let refreshed = Refreshed::present(found)
        .private(Memory::default().to_private()?)
        .identity(identity);
    Ok(warning.into_iter().fold(refreshed, Refreshed::warning))
}

/// What AWS does not know, as the configuration has it when it says nothing.
fn with_defaults(state: &Model) -> Model {
    let default = Model::defaults();
    Model {
        function_name: state.function_name.clone(),
        name: state.name.clone(),
        placed: state.placed.clone(),
        strategy: default.strategy.clone(),
        bake_time: default.bake_time.clone(),
        on_cancel: default.on_cancel.clone(),
        timeout: default.timeout.clone(),
        ..Model::default()
    }
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let named = match request {
        ImportRequest::Id(id) => id
            .rsplit_once(':')
            .map(|(function, name)| (function.to_owned(), name.to_owned())),
        ImportRequest::Identity(identity) => {
            let text = |name: &str| identity.attribute(name).as_str().map(str::to_owned);
            text("function_name").zip(text("name"))
        }
    };
    let named = named.filter(|(function, name)| !function.is_empty() && !name.is_empty());
    let (function, name) = named.ok_or_else(|| {
        Diagnostics::error(
            "The import does not name an alias",
            "Nothing was imported.\n\nWrite the id as FUNCTION:ALIAS, such as `checkout:live`, or `function_name` and `name` \
             of the identity.",
        )
    })?;
    let model = Model {
        function_name: Attr::Known(function),
        name: Attr::Known(name),
        ..Model::default()
    };
    let model = Model {
        id: state::id(&model),
        ..model
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}
