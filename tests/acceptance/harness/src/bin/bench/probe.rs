//! Starts a provider as Terraform does: handshake line, mutual TLS, schema, shutdown.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::channel::{Identity, call};
use crate::figures::{Launch, Starts, Stopwatch};
use crate::process;
use crate::unmeasured::{Attempt as _, Unmeasured};

/// Nothing here takes this long; it turns a hang into an error.
const PATIENCE: Duration = Duration::from_secs(30);
/// Ends a provider.
pub(crate) const SHUTDOWN: &str = "/plugin.GRPCController/Shutdown";

/// A provider to start.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The program.
    pub(crate) program: PathBuf,
    /// The call that answers the schema, in the protocol it speaks.
    pub(crate) schema: &'static str,
}

/// How often each is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounds {
    /// Starts of ours.
    pub(crate) ours: usize,
    /// Starts of theirs.
    pub(crate) theirs: usize,
}

/// Starts both in turns, after one start of each that is not counted.
pub(crate) fn measure(
    ours: &Subject,
    theirs: &Subject,
    rounds: Rounds,
) -> Result<(Starts, Starts), Unmeasured> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .attempt("starting a runtime")?;
    let identity = Identity::new()?;
    let launch = |subject: &Subject| runtime.block_on(Box::pin(subject.launch(&identity)));
    let (mut own, mut other) = (Vec::new(), Vec::new());
    launch(ours)?;
    launch(theirs)?;
    let every = rounds.ours.div_ceil(rounds.theirs.max(1));
    for round in 0..rounds.ours {
        own.push(launch(ours)?);
        if round % every == 0 {
            other.push(launch(theirs)?);
        }
    }
    Ok((ours.starts(own)?, theirs.starts(other)?))
}

impl Subject {
    fn starts(&self, launches: Vec<Launch>) -> Result<Starts, Unmeasured> {
        let size = std::fs::metadata(&self.program).attempt("the size of a provider")?;
        Ok(Starts {
            binary_bytes: size.len(),
            launches,
        })
    }

    async fn launch(&self, identity: &Identity) -> Result<Launch, Unmeasured> {
        let temp = tempfile::tempdir().attempt("a folder for the provider's socket")?;
        let watch = Stopwatch::start();
        let mut child = self.spawn(identity, temp.path())?;
        let line = soon("the handshake line", line_of(&mut child)).await?;
        let handshake = watch.elapsed();
        let announced = Announced::parse(&line)?;
        let connecting = identity.connect(&announced.socket, announced.certificate);
        let channel = Box::pin(soon("connecting", connecting)).await?;
        let answer = soon("the schema", call(&channel, self.schema, Vec::new())).await?;
        let schema = watch.elapsed();
        let id = child
            .id()
            .ok_or_else(|| Unmeasured::new("reading memory", "the provider has ended"))?;
        let peak_kib = process::status(id)?.peak_kib;
        if answer.is_empty() {
            return Err(Unmeasured::new("the schema", "the answer is empty"));
        }
        let leaving = Stopwatch::start();
        // A process may be gone before its answer is through (go-plugin's own server is): its end counts.
        let answered = soon("Shutdown", call(&channel, SHUTDOWN, Vec::new())).await;
        let ended = async { child.wait().await.attempt("the provider's end") };
        let ended = soon("the provider's end", ended).await;
        if ended.is_err() {
            answered?;
        }
        ended?;
        Ok(Launch {
            handshake,
            schema,
            schema_bytes: answer.len(),
            peak_kib,
            exit: leaving.elapsed(),
        })
    }

    fn spawn(&self, identity: &Identity, temp: &Path) -> Result<Child, Unmeasured> {
        as_terraform(&mut Command::new(&self.program), identity, temp)
            .stderr(Stdio::null())
            .spawn()
            .attempt("starting a provider")
    }
}

/// The surroundings in which Terraform starts a provider.
pub(crate) fn as_terraform<'a>(
    command: &'a mut Command,
    identity: &Identity,
    temp: &Path,
) -> &'a mut Command {
    command
        .env_clear()
        .env(
            "TF_PLUGIN_MAGIC_COOKIE",
            "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
        )
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", &identity.pem)
        .env("TMPDIR", temp)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
}

async fn soon<T>(
    what: &str,
    work: impl Future<Output = Result<T, Unmeasured>>,
) -> Result<T, Unmeasured> {
    within(PATIENCE, what, work).await
}

/// What `work` gives, if it ends in this time.
pub(crate) async fn within<T>(
    patience: Duration,
    what: &str,
    work: impl Future<Output = Result<T, Unmeasured>>,
) -> Result<T, Unmeasured> {
    tokio::time::timeout(patience, work).await.attempt(what)?
}

/// The handshake line.
pub(crate) async fn line_of(child: &mut Child) -> Result<String, Unmeasured> {
    // The pipe stays open in `child`: a provider that prints later must not meet a closed one.
    let stdout = child
        .stdout
        .as_mut()
        .ok_or_else(|| Unmeasured::new("the handshake line", "standard output is not a pipe"))?;
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .await
        .attempt("the handshake line")?;
    Ok(line)
}

/// What the handshake line says: `1|PROTOCOL|unix|SOCKET|grpc|CERTIFICATE`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) socket: String,
    pub(crate) certificate: CertificateDer<'static>,
}

impl Announced {
    pub(crate) fn parse(line: &str) -> Result<Self, Unmeasured> {
        let unexpected = || Unmeasured::new("the handshake line", format!("it is {line:?}"));
        let fields: Vec<_> = line.trim_end().split('|').collect();
        let [_, _, "unix", socket, "grpc", certificate, ..] = fields[..] else {
            return Err(unexpected());
        };
        let certificate = STANDARD_NO_PAD
            .decode(certificate)
            .map_err(|_| unexpected())?;
        Ok(Self {
            socket: socket.to_owned(),
            certificate: CertificateDer::from(certificate),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_line_names_socket_and_certificate() {
        let announced = Announced::parse("1|6|unix|/tmp/s|grpc|AQID\n").unwrap();
        assert_eq!(announced.socket, "/tmp/s");
        assert_eq!(announced.certificate.as_ref(), [1, 2, 3]);
    }

    #[test]
    fn a_line_without_certificate_is_an_error_that_shows_it() {
        let error = Announced::parse("1|6|unix|/tmp/s|grpc\n").unwrap_err();
        assert!(error.to_string().contains("/tmp/s"), "{error}");
    }
}
