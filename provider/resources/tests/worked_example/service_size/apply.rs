//! Create and update: one call, and what it left.

use switchyard_engine::ports::ServiceChange;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::Applied;

use super::model::Model;
use crate::client::Client;

pub(super) async fn bring_about(context: &Context<Client>, planned: Model) -> Applied<Model> {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Applied::untouched(errors),
    };
    let count = planned.desired_count.known().copied();
    let count = count.and_then(|count| u32::try_from(count).ok());
    let (Some(service), Some(count)) = (planned.service_ref(), count) else {
        return Applied::untouched(Diagnostics::bug(
            "setting the number of tasks",
            "the plan holds a value that is unknown or not valid",
        ));
    };
    let change = ServiceChange {
        desired: Some(count),
        ..ServiceChange::default()
    };
    match client
        .ports()
        .services
        .update_service(&service, &change)
        .await
    {
        Ok(_) => Applied::done(planned),
        Err(error) => Applied::untouched(Diagnostics::error(
            format!("Service `{}` keeps its number of tasks", service.name),
            format!("{error}\n\nNothing was changed. Correct what AWS says, and apply again."),
        )),
    }
}
