//! Between Terraform and a running provider: everything passes through as it is, but of the schema only what the module
//! names.
//!
//! hashicorp/aws has some 1,500 resource types. Its schema takes it a second to write and Terraform two to read, in every
//! command, though a module uses a dozen of them.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::OnceCell;

use super::schema::{Names, only};

type Body = BoxBody<Bytes, hyper::Error>;

/// The call whose answer is cut; its whole answer stays the same for as long as the provider runs.
const SCHEMA: &str = "/tfplugin5.Provider/GetSchema";
/// Bytes that may be under way at once: the schema comes in one piece.
const WINDOW: u32 = 16 << 20;

/// What all connections share.
struct Shared {
    provider: PathBuf,
    names: Names,
    schema: OnceCell<Whole>,
}

/// A whole answer.
#[derive(Clone)]
struct Whole {
    headers: HeaderMap,
    body: Bytes,
    trailers: Option<HeaderMap>,
}

/// A relay. It ends with this.
#[derive(Debug)]
pub(super) struct Relay {
    runtime: Option<tokio::runtime::Runtime>,
}

impl Relay {
    /// Listens on `socket` for the provider that listens on `provider`.
    pub(super) fn start(socket: &Path, provider: PathBuf, names: Names) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_io()
            .build()?;
        let shared = Arc::new(Shared {
            provider,
            names,
            schema: OnceCell::new(),
        });
        let listener = {
            let _entered = runtime.enter();
            UnixListener::bind(socket)?
        };
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self {
            runtime: Some(runtime),
        })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// One connection of Terraform's, by one to the provider. When either ends, so does the other.
async fn serve(stream: UnixStream, shared: Arc<Shared>) {
    let Ok(provider) = UnixStream::connect(&shared.provider).await else {
        return;
    };
    let connected = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .handshake(TokioIo::new(provider))
        .await;
    let Ok((provider, connection)) = connected else {
        return;
    };
    tokio::spawn(connection);
    let service = service_fn(move |request| {
        let (provider, shared) = (provider.clone(), Arc::clone(&shared));
        async move { Ok::<_, Infallible>(answer(provider, &shared, request).await) }
    });
    // A connection that has ended is no concern of anybody's.
    drop(
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(stream), service)
            .await,
    );
}

async fn answer(
    provider: SendRequest<Incoming>,
    shared: &Shared,
    request: Request<Incoming>,
) -> Response<Body> {
    let answered = if request.uri().path() == SCHEMA {
        schema(provider, shared, request).await
    } else {
        passed(provider, request).await
    };
    answered.unwrap_or_else(|_| {
        let mut gone = Response::new(Full::default().map_err(|never| match never {}).boxed());
        *gone.status_mut() = StatusCode::BAD_GATEWAY;
        gone
    })
}

async fn passed(
    mut provider: SendRequest<Incoming>,
    request: Request<Incoming>,
) -> Result<Response<Body>, hyper::Error> {
    let response = provider.send_request(request).await?;
    Ok(response.map(|body| body.boxed()))
}

async fn schema(
    mut provider: SendRequest<Incoming>,
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Body>, hyper::Error> {
    let asked = async || {
        let (parts, body) = provider.send_request(request).await?.into_parts();
        let collected = body.collect().await?;
        let trailers = collected.trailers().cloned();
        Ok::<_, hyper::Error>(Whole {
            headers: parts.headers,
            body: collected.to_bytes(),
            trailers,
        })
    };
    let whole = shared.schema.get_or_try_init(asked).await?.clone();
    let cut = only(&whole.body, &shared.names.in_use()).unwrap_or(whole.body);
    let trailers = whole.trailers;
    let body = Full::new(cut)
        .map_err(|never| match never {})
        .with_trailers(async move { trailers.map(Ok) });
    let mut response = Response::new(body.boxed());
    *response.headers_mut() = whole.headers;
    Ok(response)
}
