//! Refresh and import.

use switchyard_engine::ports::{Error, Ports, Result as PortResult, ServiceRef};
use switchyard_engine::scaling::{LiveScaling, TargetTags, observe_scaling};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::{Attr, Value};

use super::memory::Memory;
use super::model::Model;
use super::state::{self, Shown};
use super::words::UnmanagedWord;
use super::{desired, drift, identity_value};
use crate::called;
use crate::client::Client;
use crate::emergency::{self, Whose};

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    let is_new = request.state.min_capacity.is_null();
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !is_new {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    let service = desired::service_ref(&request.state).ok_or_else(|| {
        Diagnostics::bug(
            "reading the scaling",
            "the state has no cluster or no service",
        )
    })?;
    let memory = Memory::of(&request.private)?;
    let owned = desired::owned(&request.state, &memory);
    let mut recorded = request.state.clone();
    if memory.imported {
        // What an import finds are the bounds in force; nobody has said which ones hold without schedules.
        (recorded.min_capacity, recorded.max_capacity) = (Attr::Null, Attr::Null);
    }
    // What is to be removed has to be seen.
    let removes = recorded.unmanaged == Attr::Known(UnmanagedWord::Remove);
    let shown = if is_new || removes {
        Shown::All
    } else {
        Shown::Ours(&owned)
    };
    let mut alarms: Vec<String> = owned.alarms.iter().cloned().collect();
    if is_new {
        alarms = match alarms_of(client.ports(), &service).await {
            Ok(alarms) => alarms,
            Err(error) => return Err(unreadable(&service, &error).into()),
        };
    }
    let has_no_tags = !is_new && matches!(&recorded.tags_all, Attr::Known(tags) if tags.is_empty());
    let tags = match has_no_tags {
        true => TargetTags::Leave,
        false => TargetTags::Read,
    };
    match observe_scaling(client.ports(), &service, &alarms, tags).await {
        Ok(Some(live)) => {
            let tags = client.tagging();
            let state = state::refreshed(&recorded, &service, shown, &live, tags);
            // What others have made is told by the plan, which says what becomes of it.
            let ours = Shown::Ours(&owned);
            let ours = state::refreshed(&recorded, &service, ours, &live, tags);
            let left_over =
                emergency::are_left_over(live.emergency.as_ref(), live.target.bounds, live.now);
            let warning = drift::warning(&request.state, &memory, &ours, left_over);
            let whose = Whose {
                cluster: &service.cluster,
                service: &service.name,
            };
            let raised = live.emergency.as_ref().and_then(|note| {
                emergency::bounds_warning(whose, note, live.target.bounds, live.now)
            });
            let identity = identity_value(&state);
            let tags_before = drift::tags_before(&request.state, &memory, &state);
            let refreshed =
                Refreshed::present(state).private(memory.seen(tags_before).to_private()?);
            let warnings = warning.into_iter().chain(raised);
            let refreshed = warnings.fold(refreshed, Refreshed::warning);
            Ok(refreshed.identity(identity))
        }
        Ok(None) => Ok(Refreshed::gone()),
        Err(error) => Err(unreadable(&service, &error).into()),
    }
}

/// Names that alarms of the service's policies would have if they were made by this resource.
async fn alarms_of(ports: &Ports, service: &ServiceRef) -> PortResult<Vec<String>> {
    let policies = ports.scaling.policies(service).await?;
    let names = policies
        .iter()
        .map(|policy| desired::alarm_name(service, &policy.name));
    Ok(names.collect())
}

/// What there is, for a plan; what cannot be read is told by the apply.
pub(super) async fn live(
    ports: &Ports,
    service: &ServiceRef,
    alarms: impl IntoIterator<Item = String>,
    tags: TargetTags,
) -> Option<LiveScaling> {
    let alarms: Vec<_> = alarms.into_iter().collect();
    observe_scaling(ports, service, &alarms, tags)
        .await
        .ok()
        .flatten()
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let (cluster, service) = match request {
        ImportRequest::Id(id) => from_id(id).ok_or_else(|| malformed(id))?,
        ImportRequest::Identity(identity) => {
            (text(identity, "cluster")?, text(identity, "service")?)
        }
    };
    let model = Model {
        cluster: Attr::Known(cluster),
        service: Attr::Known(service),
        ..Model::default()
    };
    let identity = identity_value(&model);
    let memory = Memory {
        imported: true,
        ..Memory::default()
    };
    Ok(Imported::new(model)
        .private(memory.to_private()?)
        .identity(identity))
}

/// `CLUSTER/SERVICE`, also with `service/` before it, as Application Auto Scaling writes it.
fn from_id(id: &str) -> Option<(String, String)> {
    let short = id.strip_prefix("service/").unwrap_or(id);
    let (cluster, name) = short.split_once('/')?;
    let is_name = |text: &str| !text.is_empty() && !text.contains(['/', ':']);
    (is_name(cluster) && is_name(name)).then(|| (cluster.to_owned(), name.to_owned()))
}

fn malformed(id: &str) -> Diagnostics {
    Diagnostics::error(
        format!("`{id}` does not name a service"),
        "Nothing was imported.\n\nWrite the id as CLUSTER/SERVICE, such as `main/checkout`.",
    )
}

fn text(identity: &Value, name: &str) -> Result<String, Diagnostics> {
    identity
        .attribute(name)
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| {
            Diagnostics::error(
                format!("The identity has no `{name}`"),
                "Nothing was imported.\n\nAn import by identity needs `cluster` and `service`.",
            )
        })
}

fn unreadable(service: &ServiceRef, error: &Error) -> Diagnostic {
    called::unreadable(&format!("The scaling of service `{}`", service.name), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_a_cluster_and_a_service() {
        let expected = Some(("main".to_owned(), "web".to_owned()));
        assert_eq!(from_id("main/web"), expected);
        assert_eq!(from_id("service/main/web"), expected);
        for id in [
            "",
            "web",
            "/web",
            "main/",
            "a/b/c",
            "arn:aws:x:service/main/web",
        ] {
            assert_eq!(from_id(id), None, "{id}");
        }
    }
}
