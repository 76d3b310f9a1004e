//! One call to AWS: rate limit, send, log, classify.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use switchyard_engine::ports::{Clock, Error, ErrorKind, Result};

use crate::batch::Writes;
use crate::connection::Connection;
use crate::failed::{failure, foreign};
use crate::known::Known;
use crate::throttle::{Buckets, Class};

mod retry;

pub(crate) use retry::{NeverRepeatUnanswered, RetryConcurrentUpdate, RetryConditionalConflict};

/// What is called, for rate limits, logs and errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// `service:Operation`.
    pub(crate) operation: &'static str,
    /// Name or ARN of the object meant.
    pub(crate) target: &'a str,
    /// API class, where AWS documents a rate.
    pub(crate) class: Option<Class>,
}

impl<'a> Call<'a> {
    /// One for which AWS documents no rate.
    pub(crate) fn plain(operation: &'static str, target: &'a str) -> Self {
        Self {
            operation,
            target,
            class: None,
        }
    }
}

/// What all adapters of one port bundle share.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) connection: Arc<Connection>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) writes: Arc<Writes>,
    pub(crate) known: Arc<Known>,
    buckets: Arc<Buckets>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}

impl Caller {
    pub(crate) fn new(connection: Arc<Connection>, clock: Arc<dyn Clock>) -> Self {
        Self {
            connection,
            clock,
            writes: Arc::new(Writes::default()),
            known: Arc::default(),
            buckets: Arc::new(Buckets::full()),
        }
    }

    /// Sends a request that changes nothing.
    pub(crate) fn read<'a, O, E>(
        &'a self,
        call: Call<'a>,
        request: impl Request<O, E> + 'a,
    ) -> BoxFuture<'a, Result<O>>
    where
        O: Send + 'a,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        self.send(call, request, false)
    }

    /// Sends a request. The SDK's futures are large, so they live on the heap.
    fn send<'a, O, E>(
        &'a self,
        call: Call<'a>,
        request: impl Request<O, E> + 'a,
        changes: bool,
    ) -> BoxFuture<'a, Result<O>>
    where
        O: Send + 'a,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let request = request.boxed();
        async move {
            if let Some(class) = call.class {
                self.buckets.acquire(class, self.clock.as_ref()).await;
            }
            let started = self.clock.now();
            let answer = request.await;
            let duration_ms = self.clock.now().duration_since(started).as_millis();
            answer
                .inspect(|_| {
                    tracing::debug!(
                        operation = call.operation,
                        target = call.target,
                        duration_ms,
                        "Called AWS."
                    );
                })
                .map_err(|error| {
                    let error = self.failed(call, &error, changes);
                    tracing::debug!(
                        operation = call.operation,
                        target = call.target,
                        duration_ms,
                        kind = ?error.kind,
                        code = error.code,
                        request_id = error.request_id,
                        "A call to AWS failed."
                    );
                    error
                })
        }
        .boxed()
    }

    fn failed<E>(&self, call: Call<'_>, error: &SdkError<E, HttpResponse>, changes: bool) -> Error
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let Call {
            operation, target, ..
        } = call;
        let endpoint = self.connection.configured_endpoint(operation);
        let page = foreign(operation, target, error, endpoint.as_deref());
        let is_success = error
            .raw_response()
            .is_some_and(|response| response.status().is_success());
        let is_garbled =
            page.is_some() || is_success || matches!(error, SdkError::ResponseError(_));
        let mut error =
            page.unwrap_or_else(|| failure(operation, target, error, &self.connection.looked_at()));
        let is_open = matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Unexpected);
        if changes && is_garbled && is_open {
            // What was changed stays changed when the answer is garbled: it counts as lost.
            error.kind = ErrorKind::Timeout;
        }
        if let Some(url) = endpoint
            && error.code.is_empty()
            && error.kind.is_transient()
            && !error.message.contains(url.trim_end_matches('/'))
        {
            error.message.push_str(&format!(" (endpoint {url})"));
        }
        error
    }

    /// Sends a request that changes something: reads sent before its end are not shared afterwards.
    pub(crate) fn write<'a, O, E>(
        &'a self,
        call: Call<'a>,
        request: impl Request<O, E> + 'a,
    ) -> BoxFuture<'a, Result<O>>
    where
        O: Send + 'a,
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let sent = self.send(call, request, true);
        async move {
            let _guard = self.writes.begin();
            sent.await
        }
        .boxed()
    }
}

/// What an SDK operation's `send()` returns.
pub(crate) trait Request<O, E>:
    Future<Output = std::result::Result<O, SdkError<E, HttpResponse>>> + Send
{
}

impl<O, E, F> Request<O, E> for F where
    F: Future<Output = std::result::Result<O, SdkError<E, HttpResponse>>> + Send
{
}
