//! The process side of the protocol: from start to exit.
//!
//! Terraform starts a provider as a child process, hands it a client certificate in the environment
//! and reads one line from its stdout that says where to connect. From then on everything is gRPC over
//! mutual TLS. [`serve`] does all of it; a provider's `main` is one call.
//!
//! | file | decides |
//! |---|---|
//! | `environment` | who started us, and with what |
//! | `tls` | our certificate, and that exactly one client certificate is accepted |
//! | `listener` | unix socket in its own folder, or TCP on loopback |
//! | `connection` | accepting, each TLS handshake in its own task |
//! | `service` | what is served, and the limits |
//! | `services` | which gRPC service answers; go-plugin's own services |
//! | `purpose` | what Terraform was called for |
//! | `announce` | the handshake line, the reattach variable, the hint to a human |
//! | `supervisor` | when the process ends, and that it does |
//! | `system` | what systems do differently: parent, signals, stdout, unix sockets |
//!
//! What holds:
//! - stdout carries one line and nothing else; writing it cannot panic.
//! - The socket listens before that line is printed.
//! - Only the process that started us can talk to us: the client certificate is compared byte by byte.
//! - SIGINT is ignored while Terraform drives: Terraform gets it too, and asks through `StopProvider`.
//! - SIGTERM cancels what is running, like `StopProvider`, and leaves the connection open for the answers: a CI
//!   system sends SIGTERM to the whole process group, and Terraform still wants the state. A second one asks the
//!   process to end, and so does the first when no client is connected.
//! - SIGHUP is ignored while a client is connected: a terminal that closes sends it to the whole process group.
//!   Terraform dies of it, and the rule about the parent holds; or it runs under `nohup`, and goes on.
//! - Once asked to end, the process is gone within [`GRACE`], whatever its operations do.
//! - It also ends when its parent is gone, or when nobody is connected and nobody reads its stdout any more, so it never
//!   outlives Terraform. Then nobody hears how its operations
//!   end, and another Terraform may be at work already: they are left where they are, as if killed.

mod announce;
mod connection;
mod duplex;
mod environment;
mod event;
mod listener;
mod options;
mod purpose;
mod service;
mod services;
mod supervisor;
mod system;
mod tls;

use std::{
    env, io,
    process::ExitCode,
    sync::{Arc, mpsc},
    thread,
};

use thiserror::Error;
use tokio::runtime;
use tokio_util::sync::CancellationToken;

pub use connection::ConnectionId;
pub use options::Options;
pub use purpose::Purpose;
pub use service::{GRACE, MESSAGE_LIMIT, Service};

use crate::log;
use announce::Encryption;
use environment::{Environment, Start};
use event::End;
use listener::Listener;
use supervisor::Watch;

/// Why the provider could not start. Printed as a log line; Terraform shows it under `TF_LOG`.
#[derive(Debug, Error)]
enum StartError {
    #[error("the async runtime could not start: {0}")]
    Runtime(io::Error),
    #[error("signal handlers could not be installed: {0}")]
    Signals(io::Error),
    #[error(transparent)]
    Certificate(#[from] tls::CertificateError),
    #[error(transparent)]
    Bind(#[from] listener::BindError),
    #[error("the address to connect to could not be written to stdout: {0}")]
    Announce(io::Error),
}

/// Runs a provider until Terraform is done with it. Call it from `main` and return what it returns.
///
/// `build` makes the service after the log is set up and inside the async runtime, and after the
/// handshake, so that Terraform connects meanwhile. It is told what the run is for.
///
/// Started by Terraform, it speaks go-plugin's handshake. With `--debug` (or `-debug`) it listens
/// without TLS and prints `TF_REATTACH_PROVIDERS` for Terraform to attach to, until SIGINT. Started by
/// a human without either, it explains itself on stderr and fails.
pub fn serve<S: Service>(build: impl FnOnce(Purpose) -> S, options: Options) -> ExitCode {
    // Before anything else: a parent that dies from here on is noticed.
    let parent = system::parent_id();
    let environment = Environment::new(env::var_os, system::HAS_SOCKETS.then(env::temp_dir));
    let debug = env::args_os()
        .skip(1)
        .any(|argument| argument == "--debug" || argument == "-debug");
    let start = environment.start(debug);
    if start == Start::Human {
        announce::hint(&options);
        return ExitCode::FAILURE;
    }
    log::install(&options.name, options.log_filter, |name| env::var_os(name));
    let purpose = match start {
        Start::Terraform => Purpose::of_process(parent),
        Start::Debug | Start::Human => Purpose::Any,
    };
    match run(
        || build(purpose),
        &options,
        &environment,
        Watch::of(start, parent),
        start,
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::fatal(&format!("The provider could not start: {error}."));
            ExitCode::FAILURE
        }
    }
}

fn run<S: Service>(
    build: impl FnOnce() -> S,
    options: &Options,
    environment: &Environment,
    watch: Watch,
    start: Start,
) -> Result<(), StartError> {
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(worker_threads())
        .thread_name("provider")
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    let context = runtime.enter();

    let (events, inbox) = mpsc::channel();
    system::forward_signals(start, &events).map_err(StartError::Signals)?;
    let certificates = match start {
        Start::Terraform => environment
            .client_certificate
            .as_deref()
            .map(tls::Certificates::new)
            .transpose()?,
        Start::Debug | Start::Human => None,
    };
    let listener = Listener::bind(environment)?;
    let encryption = certificates
        .as_ref()
        .map_or(Encryption::None, |made| Encryption::Tls(&made.server));
    match start {
        Start::Debug => announce::reattach(options, listener.address()),
        Start::Terraform | Start::Human => {
            announce::handshake(environment, listener.address(), &encryption)
        }
    }
    .map_err(StartError::Announce)?;
    if !environment.client_understands() {
        tracing::warn!(
            offered = environment.versions,
            "the client does not offer protocol 6, the only one served"
        );
    }

    let tls = certificates
        .map(tls::Certificates::into_config)
        .transpose()?;
    let service = Arc::new(build());
    let closing = CancellationToken::new();
    let (drained, all_done) = mpsc::channel();
    // Lives until this function ends, also when an operation does not.
    let (incoming, _folder) = listener.into_parts();
    let server = connection::serve(
        incoming,
        tls,
        services::Dispatch::new(Arc::clone(&service), events.clone(), closing.clone()),
        events,
        closing.clone(),
    );
    let operations = Arc::clone(&service);
    runtime.spawn(async move {
        server.await;
        operations.idle().await;
        drained.send(()).ok();
    });
    drop(context);

    let end = supervisor::wait(&inbox, &all_done, watch, || {
        tracing::info!("A signal asked to stop. What is running is cancelled.");
        service.cancel();
    });
    tracing::debug!(reason = %end, "the provider ends");
    if end.leaves_operations() {
        closing.cancel();
        runtime.shutdown_background();
        return Ok(());
    }
    service.stop();
    closing.cancel();
    if end != End::ServerStopped && all_done.recv_timeout(GRACE).is_err() {
        tracing::warn!("operations were still running when the provider had to end");
    }
    runtime.shutdown_background();
    Ok(())
}

/// The line that a provider process with these variables would write to stdout, without listening anywhere; nothing when
/// it would not start, or is not started by Terraform. For drivers that look for input it cannot take.
#[cfg(any(test, feature = "testing"))]
pub fn handshake(variables: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let environment = Environment::new(|name| variables.get(name).map(Into::into), None);
    if environment.start(false) != Start::Terraform {
        return None;
    }
    let client = environment.client_certificate.as_deref();
    let certificates = client.map(tls::Certificates::new).transpose().ok()?;
    let encryption = certificates
        .as_ref()
        .map_or(Encryption::None, |made| Encryption::Tls(&made.server));
    let address = listener::Address::Tcp(([127, 0, 0, 1], *environment.ports.start()).into());
    let line = announce::handshake_line(environment.multiplex, &address, &encryption);
    certificates
        .map(tls::Certificates::into_config)
        .transpose()
        .ok()?;
    Some(line)
}

/// Terraform runs ten operations at once by default and they mostly wait; more threads than this only
/// make the start slower. Two at least, so that one busy operation cannot keep `StopProvider` waiting.
fn worker_threads() -> usize {
    thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4))
}
