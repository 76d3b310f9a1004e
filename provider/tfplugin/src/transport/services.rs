//! The gRPC services on the connection: the provider, and what go-plugin expects beside it.

use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, mpsc::Sender},
    task::{Context, Poll},
};

use futures::{Stream, StreamExt, future, stream};
use tfplugin_proto::{
    health::{
        HealthCheckRequest, HealthCheckResponse,
        health_check_response::ServingStatus,
        health_server::{self, Health, HealthServer},
    },
    plugin::{
        ConnInfo, Empty, StdioData,
        grpc_broker_server::{self, GrpcBroker, GrpcBrokerServer},
        grpc_controller_server::{self, GrpcController, GrpcControllerServer},
        grpc_stdio_server::{self, GrpcStdio, GrpcStdioServer},
    },
    tfplugin6::provider_server::{self, ProviderServer},
};
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status, Streaming, async_trait,
    body::Body,
    codegen::{BoxFuture, BoxStream, Service as GrpcService, http},
};

use super::{
    event::{End, Event},
    service::{MESSAGE_LIMIT, Service},
};

/// The name under which go-plugin's client asks for health.
const HEALTH_NAME: &str = "plugin";

/// Sends each call to its service by the path `/<package>.<Service>/<Call>`. Unknown services are answered
/// like unknown calls, `UNIMPLEMENTED`, which clients tolerate.
pub(super) struct Dispatch<S> {
    provider: ProviderServer<S>,
    controller: GrpcControllerServer<Controller>,
    stdio: GrpcStdioServer<Silent>,
    broker: GrpcBrokerServer<Silent>,
    health: HealthServer<Silent>,
}

impl<S: Service> Dispatch<S> {
    pub(super) fn new(service: Arc<S>, events: Sender<Event>, closing: CancellationToken) -> Self {
        let silent = Arc::new(Silent { closing });
        Self {
            provider: ProviderServer::from_arc(service)
                .max_decoding_message_size(MESSAGE_LIMIT)
                .max_encoding_message_size(MESSAGE_LIMIT),
            controller: GrpcControllerServer::new(Controller { events }),
            stdio: GrpcStdioServer::from_arc(Arc::clone(&silent)),
            broker: GrpcBrokerServer::from_arc(Arc::clone(&silent)),
            health: HealthServer::from_arc(silent),
        }
    }
}

impl<S> Clone for Dispatch<S> {
    fn clone(&self) -> Self {
        Self {
            provider: self.provider.clone(),
            controller: self.controller.clone(),
            stdio: self.stdio.clone(),
            broker: self.broker.clone(),
            health: self.health.clone(),
        }
    }
}

impl<S> fmt::Debug for Dispatch<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatch").finish_non_exhaustive()
    }
}

impl<S: Service> GrpcService<http::Request<Body>> for Dispatch<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = request
            .uri()
            .path()
            .trim_start_matches('/')
            .split('/')
            .next();
        match service.unwrap_or_default() {
            provider_server::SERVICE_NAME => self.provider.call(request),
            grpc_controller_server::SERVICE_NAME => self.controller.call(request),
            grpc_stdio_server::SERVICE_NAME => self.stdio.call(request),
            grpc_broker_server::SERVICE_NAME => self.broker.call(request),
            health_server::SERVICE_NAME => self.health.call(request),
            unknown => {
                let status =
                    Status::unimplemented(format!("This provider has no service {unknown:?}."));
                Box::pin(future::ready(Ok(status.into_http())))
            }
        }
    }
}

/// Ends the process when the client asks.
#[derive(Debug)]
struct Controller {
    // The generated trait wants `Sync`, which the standard sender is.
    events: Sender<Event>,
}

#[async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.events.send(Event::End(End::Shutdown)).ok();
        Ok(Response::new(Empty {}))
    }
}

/// Streams that stay open and carry nothing until the process closes: what is sent on them ends up in
/// Terraform's log as unexpected.
#[derive(Debug)]
struct Silent {
    closing: CancellationToken,
}

impl Silent {
    fn open<T: Send + 'static>(
        &self,
        stream: impl Stream<Item = Result<T, Status>> + Send + 'static,
    ) -> Response<BoxStream<T>> {
        Response::new(Box::pin(
            stream.take_until(self.closing.clone().cancelled_owned()),
        ))
    }
}

#[async_trait]
impl GrpcStdio for Silent {
    async fn stream_stdio(
        &self,
        _request: Request<()>,
    ) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(self.open(stream::pending()))
    }
}

#[async_trait]
impl GrpcBroker for Silent {
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        // Ends with the client's half; nothing it says needs an answer.
        Ok(self.open(
            request
                .into_inner()
                .filter_map(|_ignored| future::ready(None)),
        ))
    }
}

#[async_trait]
impl Health for Silent {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match health_of(&request.get_ref().service) {
            ServingStatus::Serving => Ok(Response::new(health_answer(ServingStatus::Serving))),
            ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown => {
                Err(Status::not_found(
                    "The health of this service is not known.",
                ))
            }
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let now = health_answer(health_of(&request.get_ref().service));
        Ok(self.open(stream::iter([Ok(now)]).chain(stream::pending())))
    }
}

fn health_of(service: &str) -> ServingStatus {
    match service {
        "" | HEALTH_NAME => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}

fn health_answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}
