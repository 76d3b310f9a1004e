//! List resources: a stream of findings.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use super::codec::{decode, encode, encode_identity};
use super::early::{Early, deferred};
use super::question::Subject;
use super::run::{connection_of, task_failure};
use super::{Server, Shared};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::list::{Finding, Findings, ListRequest};
use crate::pipeline::{Registered, fit};
use crate::provider::{ClientCapabilities, Provider};

/// How many findings may wait for Terraform.
const WAITING: usize = 16;

type Events = mpsc::Sender<Result<proto::list_resource::Event, Status>>;

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_list_resource_config::Request,
) -> Result<proto::validate_list_resource_config::Response, Diagnostics> {
    let offered = shared.catalog.list(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let mut diagnostics = offered.schema.check(&config, ClientCapabilities::default());
    if !diagnostics.has_errors() {
        diagnostics.extend(offered.item.dyn_validate(&config));
    }
    Ok(proto::validate_list_resource_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

impl<P: Provider> Server<P> {
    pub(super) fn list(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Response<BoxStream<proto::list_resource::Event>> {
        let connection = connection_of(&request);
        let request = request.into_inner();
        let (span, context) = self.0.begin(
            "ListResource",
            Subject::List(&request.type_name),
            connection,
        );
        let (events, stream) = mpsc::channel(WAITING);
        let shared = Arc::clone(&self.0);
        let work = async move {
            if let Err(diagnostics) = forward(shared, context, request, &events).await {
                send(&events, only(&diagnostics)).await;
            }
        };
        self.0.operations.spawn(work.instrument(span));
        Response::new(Box::pin(ReceiverStream::new(stream)))
    }
}

/// Runs the listing in a task of its own and turns its findings into events.
async fn forward<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::list_resource::Request,
    events: &Events,
) -> Result<(), Diagnostics> {
    let registered = shared.catalog.resource(&request.type_name)?;
    let offered = shared.catalog.list(&request.type_name)?;
    // A stream of findings has no word for "later".
    deferred(Early::List(offered.type_name), &context, None)?;
    let filter = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let with_objects = request.include_resource_object;
    // Terraform says 0 when nobody set a limit.
    let limit = usize::try_from(request.limit)
        .ok()
        .filter(|limit| *limit > 0);
    let (sender, mut found) = mpsc::channel(WAITING);
    let listing = {
        let shared = Arc::clone(&shared);
        let name = request.type_name.clone();
        async move {
            let mut findings = Findings::new(sender, limit);
            let offered = shared.catalog.list(&name)?;
            offered
                .item
                .dyn_list(
                    &context,
                    ListRequest {
                        filter,
                        with_objects,
                        limit,
                    },
                    &mut findings,
                )
                .await
        }
    };
    let listing = shared.operations.spawn(listing.in_current_span());
    while let Some(finding) = found.recv().await {
        let event = event(registered, finding, with_objects).unwrap_or_else(|bugs| only(&bugs));
        if !send(events, event).await {
            break;
        }
    }
    // Closed, so that a listing nobody listens to notices at its next finding.
    drop(found);
    listing
        .await
        .unwrap_or_else(|failure| Err(task_failure("ListResource", failure)))
}

fn event<C>(
    registered: &Registered<C>,
    finding: Finding,
    with_objects: bool,
) -> Result<proto::list_resource::Event, Diagnostics> {
    let place = format!("listing `{}`", registered.type_name);
    let Finding {
        identity,
        display_name,
        object,
        warnings,
    } = finding;
    let Some(known) = &registered.identity else {
        return Err(Diagnostics::bug(
            place,
            "the managed resource has no identity",
        ));
    };
    let identity = fit::fit(identity, &known.value_type).strictly(&place)?;
    if !identity.is_wholly_known()
        || object
            .as_ref()
            .is_some_and(|found| !found.is_wholly_known())
    {
        return Err(Diagnostics::bug(
            place,
            "a value of what was found is unknown",
        ));
    }
    let object = object.filter(|_| with_objects);
    let object = match object {
        Some(object) => {
            let object = fit::fit(object, &registered.value_type).strictly(&place)?;
            encode(
                &fit::without_write_only(&registered.schema.block, object),
                &registered.value_type,
                "found object",
            )?
        }
        None => None,
    };
    Ok(proto::list_resource::Event {
        identity: encode_identity(Some(&identity), registered)?,
        display_name,
        resource_object: object,
        diagnostic: warnings.to_proto(),
    })
}

fn only(diagnostics: &Diagnostics) -> proto::list_resource::Event {
    proto::list_resource::Event {
        diagnostic: diagnostics.to_proto(),
        ..proto::list_resource::Event::default()
    }
}

/// Sends an event; false when nobody listens any more.
async fn send(events: &Events, event: proto::list_resource::Event) -> bool {
    events.send(Ok(event)).await.is_ok()
}
