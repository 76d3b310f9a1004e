//! The smallest service the transport can carry, for the process tests: a schema, and one call whose
//! behaviour the caller chooses.

use std::{
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tfplugin::transport::{self, ConnectionId, Options, Service};
use tfplugin_proto::tfplugin6::{
    Schema, get_provider_schema, provider_server::Provider, read_resource, schema,
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status, async_trait};

#[derive(Debug)]
struct Probe {
    /// Cancels what runs now; replaced after each use.
    current: Mutex<CancellationToken>,
    ending: CancellationToken,
    /// What `stop_slowly` waits for after it was cancelled.
    finish: CancellationToken,
    /// One permit for each operation that waits for a cancel.
    waiting: Arc<Semaphore>,
    operations: TaskTracker,
}

impl Probe {
    fn new() -> Self {
        Self {
            current: Mutex::default(),
            ending: CancellationToken::new(),
            finish: CancellationToken::new(),
            waiting: Arc::new(Semaphore::new(0)),
            operations: TaskTracker::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, CancellationToken> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for Probe {
    async fn get_provider_schema(
        &self,
        request: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        tracing::debug!(connection = ?request.extensions().get::<ConnectionId>(), "schema asked for");
        let empty = Schema {
            version: 0,
            block: Some(schema::Block::default()),
        };
        Ok(Response::new(get_provider_schema::Response {
            provider: Some(empty),
            ..Default::default()
        }))
    }

    /// The resource type says what happens; the state comes back as it is.
    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        let span = tracing::error_span!("rpc", tf_rpc = "ReadResource", tf_req_id = 1);
        let request = request.into_inner();
        let (current, ending, finish) = (
            self.lock().clone(),
            self.ending.clone(),
            self.finish.clone(),
        );
        let waiting = Arc::clone(&self.waiting);
        tracing::info!(parent: &span, tf_resource_type = %request.type_name, "reading");
        let work = async move {
            match request.type_name.as_str() {
                "never" => std::future::pending().await,
                "until_stop" => {
                    waiting.add_permits(1);
                    tokio::select! {
                        () = current.cancelled() => {}
                        () = ending.cancelled() => {}
                    }
                }
                "stop_slowly" => {
                    waiting.add_permits(1);
                    current.cancelled().await;
                    finish.cancelled().await;
                }
                "once_waiting" => {
                    if let Ok(permit) = waiting.acquire().await {
                        permit.forget();
                    }
                }
                "finish" => finish.cancel(),
                "block" => std::thread::park(),
                "log" => {
                    tracing::debug!(parent: &span, attempt = 3, "a detail");
                    tracing::warn!(parent: &span, text = "x".repeat(200_000), "a long line");
                    tracing::trace!(parent: &span, "not at debug level");
                    tracing::error!(target: "transport_probe::vault", "hunter2");
                }
                "panic" => {
                    #[expect(clippy::panic, reason = "the panic is what is tested")]
                    {
                        panic!("the probe was told to panic");
                    }
                }
                _ => {}
            }
            request.current_state
        };
        let state = self
            .operations
            .spawn(work)
            .await
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(read_resource::Response {
            new_state: state,
            ..Default::default()
        }))
    }
}

#[async_trait]
impl Service for Probe {
    fn cancel(&self) {
        std::mem::take(&mut *self.lock()).cancel();
    }

    fn stop(&self) {
        self.ending.cancel();
    }

    async fn idle(&self) {
        self.operations.close();
        self.operations.wait().await;
    }
}

fn main() -> ExitCode {
    let options = Options {
        log_filter: |metadata| metadata.target() != "transport_probe::vault",
        ..Options::new("example.com/acme/probe", "probe")
    };
    let build = |_| {
        #[expect(clippy::panic, reason = "a provider that dies is what is tested")]
        if std::env::args().any(|argument| argument == "--die") {
            panic!("the probe was told to die");
        }
        Probe::new()
    };
    transport::serve(build, options)
}
