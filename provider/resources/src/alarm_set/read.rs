//! Refresh and import.

use std::collections::BTreeMap;

use switchyard_engine::monitoring::find_alarms;
use switchyard_engine::ports::LiveAlarm;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::{Attr, Value};

use super::memory::Memory;
use super::model::Model;
use super::{desired, drift, identity_value, recover, shown};
use crate::called;
use crate::client::Client;

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let is_new = request.state.alarms.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    if is_new {
        return adopted(client, request.state).await;
    }
    let memory = Memory::of(&request.private)?;
    let names = desired::recorded(&request.state).names;
    let live = find_alarms(client.ports(), &names).await;
    let live = live.map_err(|error| called::unreadable(&subject(&request.state), &error))?;
    if live.is_empty() {
        return Ok(Refreshed::gone());
    }
    let state = shown::with_live(request.state.clone(), &live);
    let warning = drift::warning(&request.state, memory, &state);
    let identity = identity_value(&state);
    let refreshed = Refreshed::present(state)
        .private(Memory::default().to_private()?)
        .identity(identity);
    Ok(warning.into_iter().fold(refreshed, Refreshed::warning))
}

fn subject(model: &Model) -> String {
    let name = model.name.known().map_or("", String::as_str);
    format!("Alarm set `{name}`")
}

/// The state of an import: the configuration is what the alarms say.
async fn adopted(client: &Client, imported: Model) -> Result<Refreshed<Model>, Diagnostics> {
    let subject = subject(&imported);
    let Some(name) = imported.name.known() else {
        return Err(Diagnostics::bug(
            "importing the alarms",
            "the import has no name",
        ));
    };
    let monitoring = &client.ports().monitoring;
    let found = monitoring.alarms_beginning(&format!("{name}-")).await;
    let found = found.map_err(|error| called::unreadable(&subject, &error))?;
    let ours: BTreeMap<String, LiveAlarm> = found
        .into_iter()
        .filter(|live| shown::key_of(name, &live.alarm).is_some())
        .map(|live| (live.alarm.name.clone(), live))
        .collect();
    let Some(first) = ours.values().next() else {
        return Ok(Refreshed::gone());
    };
    let tags = monitoring.tags(&first.arn).await;
    let tags = tags.map_err(|error| called::unreadable(&subject, &error))?;
    let tagging = client.tagging();
    let own = tagging.own(&tags, &BTreeMap::new());
    let own = own
        .into_iter()
        .map(|(key, value)| (key, Attr::Known(value)));
    let own: BTreeMap<String, Attr<String>> = own.collect();
    let recovered = Model {
        tags: if own.is_empty() {
            Attr::Null
        } else {
            Attr::Known(own)
        },
        tags_all: Attr::Known(tagging.all(&tags)),
        ..recover::recovered(imported, &ours)
    };
    let state = shown::with_live(recovered, &ours);
    let identity = identity_value(&state);
    Ok(Refreshed::present(state).identity(identity))
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let (cluster, service, name) = match request {
        ImportRequest::Id(id) => from_id(id).ok_or_else(|| malformed(id))?,
        ImportRequest::Identity(identity) => (
            text(identity, "cluster")?,
            text(identity, "service")?,
            text(identity, "name")?,
        ),
    };
    let model = Model {
        cluster: Attr::Known(cluster),
        service: Attr::Known(service),
        name: Attr::Known(name),
        ..Model::default()
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}

/// `CLUSTER/SERVICE/NAME`; the name may have slashes of its own.
fn from_id(id: &str) -> Option<(String, String, String)> {
    let mut parts = id.splitn(3, '/').map(str::to_owned);
    let (cluster, service, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = [&cluster, &service, &name]
        .iter()
        .all(|part| !part.is_empty());
    (is_whole && !id.starts_with("arn:")).then_some((cluster, service, name))
}

fn malformed(id: &str) -> Diagnostics {
    Diagnostics::error(
        format!("`{id}` does not name an alarm set"),
        "Nothing was imported.\n\nWrite the id as CLUSTER/SERVICE/NAME, such as `main/web/shop-web`, where NAME is what \
         the names of the alarms begin with.",
    )
}

fn text(identity: &Value, name: &str) -> Result<String, Diagnostics> {
    let value = identity.attribute(name).as_str().map(str::to_owned);
    value.ok_or_else(|| {
        Diagnostics::error(
            format!("The identity has no `{name}`"),
            "Nothing was imported.\n\nAn import by identity needs `cluster`, `service` and `name`.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_a_cluster_a_service_and_a_set() {
        let of = |cluster: &str, service: &str, name: &str| {
            Some((cluster.to_owned(), service.to_owned(), name.to_owned()))
        };
        assert_eq!(from_id("main/web/shop-web"), of("main", "web", "shop-web"));
        assert_eq!(from_id("main/web/shop/web"), of("main", "web", "shop/web"));
        for id in [
            "",
            "main",
            "main/web",
            "main//x",
            "main/web/",
            "arn:aws:x/y/z",
        ] {
            assert_eq!(from_id(id), None, "{id}");
        }
    }
}
