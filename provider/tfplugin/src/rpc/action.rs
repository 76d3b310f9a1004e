//! Actions: a stream of progress, and exactly one end.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::Instrument;

use super::codec::decode;
use super::question::Subject;
use super::run::{connection_of, task_failure};
use super::{Server, Shared};
use crate::action::Progress;
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::provider::{ClientCapabilities, Provider};

use proto::invoke_action::Event;
use proto::invoke_action::event::{Completed, Progress as Told, Type};

type Events = mpsc::UnboundedSender<Result<Event, Status>>;

pub(super) async fn validate<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::validate_action_config::Request,
) -> Result<proto::validate_action_config::Response, Diagnostics> {
    let offered = shared.catalog.action(&request.type_name)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    // Nothing of an action is stored, so write-only values are no concern.
    let mut diagnostics = offered.schema.check(
        &config,
        ClientCapabilities {
            write_only_attributes: true,
        },
    );
    if !diagnostics.has_errors() {
        diagnostics.extend(offered.item.dyn_validate(&config));
    }
    Ok(proto::validate_action_config::Response {
        diagnostics: diagnostics.to_proto(),
    })
}

pub(super) async fn plan<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::plan_action::Request,
) -> Result<proto::plan_action::Response, Diagnostics> {
    let offered = shared.catalog.action(&request.action_type)?;
    let config = decode(
        request.config.as_ref(),
        &offered.value_type,
        "configuration",
    )?;
    let diagnostics = offered.item.dyn_plan(&context, config).await;
    Ok(proto::plan_action::Response {
        diagnostics: diagnostics.to_proto(),
        deferred: None,
    })
}

impl<P: Provider> Server<P> {
    pub(super) fn invoke(
        &self,
        request: Request<proto::invoke_action::Request>,
    ) -> Response<BoxStream<Event>> {
        let connection = connection_of(&request);
        let request = request.into_inner();
        let (span, context) = self.0.begin(
            "InvokeAction",
            Subject::Action(&request.action_type),
            connection,
        );
        let (events, stream) = mpsc::unbounded_channel();
        let shared = Arc::clone(&self.0);
        let work = async move {
            let diagnostics = follow(shared, context, request, &events).await;
            let completed = Completed {
                diagnostics: diagnostics.to_proto(),
            };
            tell(&events, Type::Completed(completed));
        };
        self.0.operations.spawn(work.instrument(span));
        Response::new(Box::pin(UnboundedReceiverStream::new(stream)))
    }
}

/// Runs the action in a task of its own and passes its progress on, until the action itself has ended.
async fn follow<P: Provider>(
    shared: Arc<Shared<P>>,
    context: Context<P::Client>,
    request: proto::invoke_action::Request,
    events: &Events,
) -> Diagnostics {
    let config = shared
        .catalog
        .action(&request.action_type)
        .and_then(|offered| {
            decode(
                request.config.as_ref(),
                &offered.value_type,
                "configuration",
            )
        });
    let config = match config {
        Ok(config) => config,
        Err(diagnostics) => return diagnostics,
    };
    let (sender, mut told) = mpsc::unbounded_channel();
    let progress = Progress::new(sender);
    let running = {
        let shared = Arc::clone(&shared);
        async move {
            if let Ok(client) = context.client() {
                shared.provider.apply_begins(client);
            }
            match shared.catalog.action(&request.action_type) {
                Ok(offered) => offered.item.dyn_invoke(&context, config, &progress).await,
                Err(diagnostics) => diagnostics,
            }
        }
    };
    let mut running = shared.operations.spawn(running.in_current_span());
    let outcome = loop {
        tokio::select! {
            biased;
            Some(message) = told.recv() => tell(events, Type::Progress(Told { message })),
            outcome = &mut running => break outcome,
        }
    };
    // What was reported just before the end still goes out; a copy of `progress` kept elsewhere does not
    // hold the end up.
    while let Ok(message) = told.try_recv() {
        tell(events, Type::Progress(Told { message }));
    }
    outcome.unwrap_or_else(|failure| task_failure("InvokeAction", failure))
}

/// Sends an event. Nobody listening is no reason to stop an action half-way.
fn tell(events: &Events, event: Type) {
    if events
        .send(Ok(Event {
            r#type: Some(event),
        }))
        .is_err()
    {
        tracing::debug!("An event of an action had no listener.");
    }
}
