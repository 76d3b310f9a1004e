//! Everything the lab does not own is answered by moto, started when it is first needed.
//!
//! moto is a Python process in its own process group, reached over a loopback port it picks itself.
//! Calls are passed to it one at a time: its server is threaded without locks, and parallel calls
//! have been seen to break its tables.

mod gap;
mod install;
mod process;

use std::path::PathBuf;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;

use crate::protocol::{Answer, Refusal};
use crate::route::Route;

pub use install::{MOTO_VERSION, install};
use process::Process;

/// Error code of calls that moto could not be asked.
const UNAVAILABLE: &str = "MotoUnavailable";

/// Headers that belong to one connection and are not passed on.
const HOP_BY_HOP: [header::HeaderName; 5] = [
    header::CONNECTION,
    header::EXPECT,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Why moto cannot answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MotoError {
    /// No Python on this machine.
    #[error(
        "this call is answered by moto, which needs Python: `{python}` was not found. Install Python 3.10 or newer and try again"
    )]
    PythonMissing {
        /// The command that was looked for.
        python: String,
    },
    /// A step of the installation failed.
    #[error(
        "moto could not be installed: `{step}` failed: {detail}. Run `switchyard-lab moto install` to see it alone"
    )]
    Install {
        /// The command.
        step: String,
        /// The last lines it wrote.
        detail: String,
    },
    /// moto did not come up, or went down.
    #[error("moto {MOTO_VERSION} ended: {detail}. Restart the lab")]
    Ended {
        /// The last lines it wrote.
        detail: String,
    },
    /// moto did not answer this call.
    #[error("moto {MOTO_VERSION} gave no answer: {detail}")]
    NoAnswer {
        /// What went wrong on the connection.
        detail: String,
    },
}

/// Where moto lives and how it is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MotoConfig {
    /// Folder of the virtual environment; created on first need.
    pub home: PathBuf,
    /// The Python that creates it.
    pub python: String,
}

/// moto, running or not yet.
#[derive(Debug)]
pub(crate) struct Moto {
    config: MotoConfig,
    account: String,
    /// `None` until it is first needed.
    process: Mutex<Option<Process>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Moto {
    pub(crate) fn new(config: MotoConfig, account: String) -> Self {
        Self {
            config,
            account,
            process: Mutex::new(None),
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(HttpConnector::new()),
        }
    }

    /// Passes a call on.
    ///
    /// # Errors
    /// A refusal in place of an answer no SDK could read: moto missing, or its own failure (an HTML
    /// page, which SDKs retry for minutes).
    pub(crate) async fn answer(
        &self,
        route: &Route,
        parts: &Parts,
        body: Bytes,
    ) -> Result<Answer, Refusal> {
        let unavailable = |error: MotoError| Refusal::new(400, UNAVAILABLE, error.to_string());
        let mut slot = self.process.lock().await;
        let process = self.running(&mut slot).await.map_err(unavailable)?;
        let request = passed_on(parts, body, process.port()).map_err(unavailable)?;
        let answer = match self.client.request(request).await {
            Ok(answer) => answer,
            Err(error) => {
                let error = match process.ended() {
                    Some(detail) => MotoError::Ended { detail },
                    None => MotoError::NoAnswer {
                        detail: chain(&error),
                    },
                };
                return Err(unavailable(error));
            }
        };
        let (head, body) = answer.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| {
                unavailable(MotoError::NoAnswer {
                    detail: chain(&error),
                })
            })?
            .to_bytes();
        drop(slot);
        match gap::refusal(route, head.status, &body) {
            Some(refusal) => Err(refusal),
            None => Ok(passed_back(head.status, head.headers, body, &parts.method)),
        }
    }

    /// The port it listens on, `Some(None)` while it is not started; `None` while a call is under way.
    pub(crate) fn port(&self) -> Option<Option<u16>> {
        let slot = self.process.try_lock().ok()?;
        Some(slot.as_ref().map(Process::port))
    }

    /// Whether it was started, or is being started now.
    pub(crate) fn is_running(&self) -> bool {
        self.port() != Some(None)
    }

    /// Ends moto and waits until it is gone.
    pub(crate) async fn stop(&self) {
        let process = self.process.lock().await.take();
        if let Some(process) = process {
            process.stop().await;
        }
    }

    async fn running<'a>(
        &self,
        slot: &'a mut Option<Process>,
    ) -> Result<&'a mut Process, MotoError> {
        let process = match slot.take() {
            Some(process) => process,
            None => {
                let python = install(&self.config).await?;
                Process::start(&python, &self.account).await?
            }
        };
        Ok(slot.insert(process))
    }
}

/// The request for moto: same method, path, headers (with `Host`, from which moto builds the
/// addresses it hands out) and body.
fn passed_on(parts: &Parts, body: Bytes, port: u16) -> Result<Request<Full<Bytes>>, MotoError> {
    let no_answer = |error: &dyn std::error::Error| MotoError::NoAnswer {
        detail: chain(error),
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri: Uri = format!("http://127.0.0.1:{port}{path}")
        .parse()
        .map_err(|error: http::uri::InvalidUri| no_answer(&error))?;
    let mut request = Request::builder()
        .method(parts.method.clone())
        .uri(uri)
        .body(Full::new(body))
        .map_err(|error| no_answer(&error))?;
    let mut headers = parts.headers.clone();
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    headers.remove(header::CONTENT_LENGTH);
    *request.headers_mut() = headers;
    Ok(request)
}

fn passed_back(
    status: http::StatusCode,
    mut headers: HeaderMap,
    body: Bytes,
    method: &Method,
) -> Answer {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    // The answer to HEAD tells the length of a body it does not carry.
    if method != Method::HEAD {
        headers.remove(header::CONTENT_LENGTH);
    }
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
