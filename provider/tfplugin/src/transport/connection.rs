//! Accepting connections and serving gRPC on them.

use std::{
    fmt, io,
    pin::Pin,
    sync::{Arc, mpsc::Sender},
    task::{Context, Poll},
    time::Duration,
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Server, server::Connected};

use super::{
    duplex::Duplex, event::Event, listener::Incoming, service::Service, services::Dispatch,
};

/// A client that has not finished TLS by then never will.
const TLS_DEADLINE: Duration = Duration::from_secs(30);

/// How long accepting pauses after an error, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Which connection a request came on, in the request's extensions. Counts from 0. Terraform uses one
/// connection per process; a provider in debug mode sees many, each with its own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(u64);

/// One established connection. The supervisor learns when it opens and when it is dropped.
pub(super) struct Connection {
    id: ConnectionId,
    stream: Box<dyn Duplex>,
    events: Sender<Event>,
}

impl Connection {
    fn new(id: ConnectionId, stream: Box<dyn Duplex>, events: Sender<Event>) -> Self {
        events.send(Event::Connected).ok();
        Self { id, stream, events }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.events.send(Event::Disconnected).ok();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Connected for Connection {
    type ConnectInfo = ConnectionId;

    fn connect_info(&self) -> ConnectionId {
        self.id
    }
}

/// Serves until `closing`, then until the open calls are answered.
pub(super) async fn serve<S: Service>(
    incoming: Incoming,
    tls: Option<Arc<ServerConfig>>,
    dispatch: Dispatch<S>,
    events: Sender<Event>,
    closing: CancellationToken,
) {
    let (established, connections) = mpsc::channel(16);
    let accepting = accept(incoming, tls.map(TlsAcceptor::from), established, events);
    tokio::spawn(closing.clone().run_until_cancelled_owned(accepting));
    let served = Server::builder()
        .serve_with_incoming_shutdown(
            dispatch,
            ReceiverStream::new(connections).map(Ok::<_, io::Error>),
            closing.cancelled_owned(),
        )
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the gRPC server stopped");
    }
}

/// Hands over established connections only: a client that fails TLS, or takes its time over it, holds up
/// nobody else.
async fn accept(
    incoming: Incoming,
    tls: Option<TlsAcceptor>,
    established: mpsc::Sender<Connection>,
    events: Sender<Event>,
) {
    for id in 0.. {
        let stream = loop {
            match incoming.accept().await {
                Ok(stream) => break stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    pause().await;
                }
            }
        };
        let (tls, established, events) = (tls.clone(), established.clone(), events.clone());
        tokio::spawn(async move {
            if let Some(stream) = secure(stream, tls).await {
                established
                    .send(Connection::new(ConnectionId(id), stream, events))
                    .await
                    .ok();
            }
        });
    }
}

/// `None` after a failure, which is logged: the client says no more than that the plugin did not respond.
async fn secure(stream: Box<dyn Duplex>, tls: Option<TlsAcceptor>) -> Option<Box<dyn Duplex>> {
    let Some(tls) = tls else { return Some(stream) };
    match timeout(TLS_DEADLINE, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(Box::new(stream)),
        Ok(Err(error)) => {
            tracing::error!(%error, "a client was refused: TLS failed");
            None
        }
        Err(_elapsed) => {
            tracing::error!("a client was dropped: it did not finish TLS in time");
            None
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a pause of the accept loop is real time by nature"
)]
async fn pause() {
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
