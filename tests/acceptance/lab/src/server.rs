//! Accepts HTTP/1.1 connections on a loopback socket until told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::front::Hangup;

/// Pause after a failed accept (out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Serves every connection with `answer` until `stop`; then open connections are dropped.
pub(crate) async fn serve<S, F, B>(
    listener: TcpListener,
    stop: CancellationToken,
    tracker: TaskTracker,
    answer: S,
) where
    S: Fn(SocketAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Response<B>, Hangup>> + Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            clock::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Small answers must not wait for Nagle; a socket that refuses the option still works.
        drop(stream.set_nodelay(true));
        let answer = answer.clone();
        let connection = http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(peer, request)),
        );
        let stop = stop.clone();
        tracker.spawn(async move {
            // A connection ends in an error when the client leaves or the fault plan hangs up.
            tokio::select! {
                () = stop.cancelled() => {}
                ended = connection => drop(ended),
            }
        });
    }
}
