//! Refresh and import.

use switchyard_engine::ports::ServiceStatus;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{ImportRequest, Imported, Refreshed};
use tfplugin::value::Attr;

use super::model::Model;
use crate::client::Client;

pub(super) async fn read(
    context: &Context<Client>,
    recorded: Model,
) -> Result<Refreshed<Model>, Diagnostics> {
    let client = context.client()?;
    let service = recorded.service_ref().ok_or_else(|| {
        Diagnostics::bug(
            "reading the number of tasks",
            "the state has no cluster or no service",
        )
    })?;
    match client.ports().services.find_service(&service).await {
        Ok(Some(found)) if is_there(&found.status) => {
            let state = Model {
                desired_count: Attr::Known(found.desired.into()),
                ..recorded
            };
            Ok(Refreshed::present(state.named()))
        }
        Ok(Some(_) | None) => Ok(Refreshed::gone()),
        // Not gone: nobody has looked.
        Err(error) => Err(Diagnostics::error(
            format!("Service `{}` cannot be read", service.name),
            format!("{error}\n\nThe state was left as it is. Run the command again."),
        )),
    }
}

/// AWS shows a deleted service for a while. A word that nobody knows is no reason to forget one.
fn is_there(status: &ServiceStatus) -> bool {
    match status {
        ServiceStatus::Active | ServiceStatus::Unknown(_) => true,
        ServiceStatus::Draining | ServiceStatus::Inactive => false,
    }
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let names = match request {
        ImportRequest::Id(id) => id.split_once('/'),
        ImportRequest::Identity(_) => None,
    };
    let (cluster, service) = names.ok_or_else(|| {
        Diagnostics::error(
            "The id does not name a service",
            "Nothing was imported.\n\nWrite the id as CLUSTER/SERVICE, such as `main/checkout`.",
        )
    })?;
    Ok(Imported::new(Model {
        cluster: Attr::Known(cluster.to_owned()),
        service: Attr::Known(service.to_owned()),
        ..Model::default()
    }))
}
