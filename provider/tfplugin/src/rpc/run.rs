//! Running a handler: in a task of its own, under a span, with a panic turned into a diagnostic.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinError;
use tonic::{Request, Response, Status};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, error, info_span};

use super::question::{Question, Subject};
use super::{Server, Shared};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::provider::Provider;
use crate::transport::ConnectionId;

impl<P: Provider> Server<P> {
    /// Answers a call. The answer is always a message: Terraform would drop the state of a failed call.
    pub(super) async fn answer<Q, F, W>(
        &self,
        request: Request<Q>,
        handler: F,
    ) -> Result<Response<Q::Answer>, Status>
    where
        Q: Question,
        F: FnOnce(Arc<Shared<P>>, Context<P::Client>, Q) -> W,
        W: Future<Output = Result<Q::Answer, Diagnostics>> + Send + 'static,
    {
        let connection = connection_of(&request);
        let question = request.into_inner();
        let (span, context) = self.0.begin(Q::RPC, question.subject(), connection);
        // A caller that goes away drops this future, not the task: an operation is never cut half-way.
        let work = handler(Arc::clone(&self.0), context, question);
        let outcome = self.0.operations.spawn(work.instrument(span.clone())).await;
        let answer = match outcome {
            Ok(Ok(answer)) => answer,
            Ok(Err(diagnostics)) => Q::failure(&diagnostics),
            Err(failure) => Q::failure(&span.in_scope(|| task_failure(Q::RPC, failure))),
        };
        Ok(Response::new(answer))
    }
}

impl<P: Provider> Shared<P> {
    /// The span and surroundings of an operation that starts now.
    pub(super) fn begin(
        &self,
        rpc: &'static str,
        subject: Subject<'_>,
        connection: Option<ConnectionId>,
    ) -> (Span, Context<P::Client>) {
        let number = self
            .last_request
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_add(1);
        let request_id = format!("{:x}-{number}", std::process::id());
        let span = info_span!(
            "rpc",
            tf_rpc = rpc,
            tf_req_id = %request_id,
            tf_resource_type = Empty,
            tf_data_source_type = Empty,
            tf_ephemeral_resource_type = Empty,
            tf_list_resource_type = Empty,
            tf_action_type = Empty,
            tf_function = Empty,
        );
        match subject {
            Subject::Provider => &span,
            Subject::Resource(name) => span.record("tf_resource_type", name),
            Subject::DataSource(name) => span.record("tf_data_source_type", name),
            Subject::Ephemeral(name) => span.record("tf_ephemeral_resource_type", name),
            Subject::List(name) => span.record("tf_list_resource_type", name),
            Subject::Action(name) => span.record("tf_action_type", name),
            Subject::Function(name) => span.record("tf_function", name),
        };
        span.in_scope(|| debug!("Received a call."));
        (span, self.sessions.context(connection, request_id))
    }
}

pub(super) fn connection_of<T>(request: &Request<T>) -> Option<ConnectionId> {
    request.extensions().get::<ConnectionId>().copied()
}

/// A task that did not end by itself: it panicked, or the runtime is going down.
pub(super) fn task_failure(rpc: &str, failure: JoinError) -> Diagnostics {
    match failure.try_into_panic() {
        Ok(payload) => {
            let message = panic_message(payload.as_ref());
            error!(panic = message, "A call panicked.");
            Diagnostics::bug(
                format_args!("answering {rpc}"),
                format_args!("the provider panicked: {message}"),
            )
        }
        Err(_) => Diagnostics::error(
            "The provider is shutting down",
            format!("The process ended before it could answer {rpc}. Run the command again."),
        ),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "no message"
    }
}
