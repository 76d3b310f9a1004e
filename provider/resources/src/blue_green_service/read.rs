//! Refresh and import.

use switchyard_engine::ports::{ErrorKind, Ports, ServiceRef, ServiceStatus};
use switchyard_engine::{Live, StrayTraffic};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::{Attr, Value};

use super::memory::Memory;
use super::model::{Model, known_set};
use super::words::CountOwnerWord;
use super::{
    desired, drift, external_pair, group, identity_value, images, plan, routes, state, unmanaged,
};
use crate::called;
use crate::client::Client;
use crate::emergency::{self, Whose};

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    // The provider's configuration depends on something that is still to be applied: nothing can be read, and
    // the state is the best there is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && request.state.arn.is_known() {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    let service = desired::service_ref(&request.state).ok_or_else(|| {
        Diagnostics::bug("reading the service", "the state has no cluster or no name")
    })?;
    client.claims().release(&service);
    let route = production_rule(&request.state);
    match switchyard_engine::observe_behind(client.ports(), &service, route).await {
        // DRAINING: it was deleted, only its last tasks are still stopping.
        Ok(Some(live)) if live.service.status == ServiceStatus::Draining => Ok(Refreshed::gone()),
        Ok(Some(live)) => {
            let memory = Memory::of(&request.private)?;
            let mut state = state::refreshed(&request.state, &memory, &live, client.tagging());
            images::refresh(client.ports(), &mut state, &live).await;
            if request.state.arn.is_null() || memory.adopted {
                group::complete(client.ports(), &mut state, &live).await;
                external_pair::complete(client.ports(), &mut state, &live).await;
            }
            let identity = identity_value(&state);
            let mut seen = memory.seeing(live.revision.task_definition.as_ref());
            // Until the first apply.
            let asks = request.state.arn.is_null() || memory.adopted || memory.scaled;
            seen.scaled = asks && is_scaled(client.ports(), &service).await;
            let before = (&request.state, &memory);
            let seen = Memory {
                tags_before: drift::tags_before(before, &state, &live),
                ..seen
            };
            let warning = drift::warning(client.ports(), before, &state, &live).await;
            let (stray, gone) = tokio::join!(
                stray_traffic(client.ports(), &request.state, &live),
                routes::missing(client.ports(), &request.state, &live),
            );
            routes::note(&mut state, &gone);
            // The plan is not empty then, so that the apply puts it right.
            if let (Some(left), Attr::Known(unfinished)) = (
                stray.as_ref().and_then(|stray| stray.unfinished.clone()),
                &mut state.unfinished,
            ) {
                unfinished.push(left);
            }
            if stray.as_ref().is_some_and(|stray| stray.serves_nobody) {
                state.live_target_group = Attr::Null;
                let groups = live.revision.live_target_groups.iter();
                let first = live.revision.live_target_group.as_ref();
                state.live_target_groups =
                    state::live_groups(groups.filter(|group| Some(*group) != first));
            }
            let raised = emergency_warning(client.ports(), &state, &live);
            let refreshed = Refreshed::present(state).private(seen.to_private()?);
            let unmanaged = if request.state.arn.is_null() || memory.adopted {
                unmanaged::of_adopted(client.ports(), &live).await
            } else {
                None
            };
            let warnings = warning
                .into_iter()
                .chain(raised)
                .chain(unmanaged)
                .chain(stray.map(|stray| plan::diagnostic(&stray.finding)));
            let refreshed = warnings.fold(refreshed, Refreshed::warning);
            Ok(refreshed.identity(identity))
        }
        Ok(None) => Ok(Refreshed::gone()),
        // The cluster is gone, and everything in it.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Refreshed::gone()),
        Err(error) => {
            Err(called::unreadable(&format!("Service `{}`", service.name), &error).into())
        }
    }
}

/// What a person has raised for a time. An autoscaler's number is the scaling's to tell.
fn emergency_warning(ports: &Ports, state: &Model, live: &Live) -> Option<Diagnostic> {
    if state.desired_count_owner == Attr::Known(CountOwnerWord::Autoscaler) {
        return None;
    }
    let whose = Whose {
        cluster: &live.service.cluster_arn,
        service: &live.service.name,
    };
    let note = live.emergency.as_deref()?;
    emergency::count_warning(whose, note, live.service.desired, ports.clock.now())
}

/// Whether an autoscaler has the number of tasks. Where that cannot be read, a later plan says so.
async fn is_scaled(ports: &Ports, service: &ServiceRef) -> bool {
    let target = ports.scaling.glance_at_scalable_target(service).await;
    target.is_ok_and(|target| target.is_some())
}

/// Production traffic that goes elsewhere than to the live side.
async fn stray_traffic(ports: &Ports, state: &Model, live: &Live) -> Option<StrayTraffic> {
    let balancer = state.load_balancer.known();
    let groups = balancer.and_then(|it| known_set(&it.target_groups));
    let (rule, groups) = (production_rule(state), groups.unwrap_or_default());
    switchyard_engine::stray_traffic(ports, live, rule, &groups).await
}

/// The production rule or listener, when it is written down.
fn production_rule(state: &Model) -> Option<&str> {
    let balancer = state.load_balancer.known()?;
    balancer
        .production_listener_rule
        .known()
        .map(String::as_str)
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let (cluster, name) = match request {
        ImportRequest::Id(id) => from_id(id).ok_or_else(|| malformed(id))?,
        ImportRequest::Identity(identity) => (text(identity, "cluster")?, text(identity, "name")?),
    };
    let model = Model {
        cluster: Attr::Known(cluster),
        name: Attr::Known(name),
        ..Model::default()
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}

/// `CLUSTER/SERVICE`, or the service's ARN in its long form
/// (`arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/SERVICE`).
fn from_id(id: &str) -> Option<(String, String)> {
    let short = match id.split_once(":service/") {
        Some((_, short)) => short,
        None if id.starts_with("arn:") => return None,
        None => id,
    };
    let (cluster, name) = short.split_once('/')?;
    (!cluster.is_empty() && !name.is_empty() && !name.contains('/'))
        .then(|| (cluster.to_owned(), name.to_owned()))
}

fn malformed(id: &str) -> Diagnostics {
    Diagnostics::error(
        format!("`{id}` does not name a service"),
        "Nothing was imported.\n\nWrite the id as CLUSTER/SERVICE, such as `main/checkout`, or as the service's ARN \
         (the long form, which contains the cluster's name).",
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
                "Nothing was imported.\n\nAn import by identity needs `cluster` and `name`.",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_names_or_long_arns() {
        let expected = Some(("main".to_owned(), "web".to_owned()));
        assert_eq!(from_id("main/web"), expected);
        assert_eq!(
            from_id("arn:aws:ecs:eu-west-1:123456789012:service/main/web"),
            expected
        );
        for id in [
            "",
            "web",
            "/web",
            "main/",
            "a/b/c",
            "arn:aws:ecs:eu-west-1:1:service/web",
            "arn:aws:s3:::x/y",
        ] {
            assert_eq!(from_id(id), None, "{id}");
        }
    }
}
