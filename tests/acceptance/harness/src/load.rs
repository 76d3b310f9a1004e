//! Real HTTP load on a listener, counted by the revision that answered.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Pause of one client between requests.
const PAUSE: Duration = Duration::from_millis(5);
/// Longest wait for an answer; longer counts as a failure.
const PATIENCE: Duration = Duration::from_secs(10);

/// Clients that request one URL until stopped.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    counts: Arc<Mutex<Vec<Sample>>>,
    clients: Vec<JoinHandle<()>>,
}

/// One request.
#[derive(Clone, Debug)]
struct Sample {
    after: Duration,
    answer: Result<String, String>,
}

/// What the load saw.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// Requests sent.
    pub requests: usize,
    /// Requests without a successful answer, by what happened.
    pub failures: BTreeMap<String, usize>,
    /// Answers by revision.
    pub revisions: BTreeMap<String, usize>,
    /// Requests in equal slices of time, oldest first: answers by revision, failures under `failed`.
    pub slices: Vec<BTreeMap<String, usize>>,
}

impl LoadReport {
    /// Failed requests.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Share of the answers of one revision, 0 to 1.
    #[must_use]
    pub fn share(&self, revision: &str) -> f64 {
        share(&self.revisions, revision)
    }
}

/// Share of `name` in `counts`, 0 to 1.
#[must_use]
pub fn share(counts: &BTreeMap<String, usize>, name: &str) -> f64 {
    let all: usize = counts.values().sum();
    let part = counts.get(name).copied().unwrap_or_default();
    if all == 0 {
        0.0
    } else {
        f64::from(u32::try_from(part).unwrap_or(u32::MAX))
            / f64::from(u32::try_from(all).unwrap_or(u32::MAX))
    }
}

impl Load {
    /// Starts `clients` clients on `url` (`http://ADDRESS:PORT`).
    ///
    /// # Panics
    /// When the URL is not a loopback address with a port.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "load is measured in real time")]
    pub fn start(url: &str, clients: usize) -> Self {
        let address: SocketAddr = url
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .parse()
            .expect("a listener's loopback address");
        let stop = Arc::new(AtomicBool::new(false));
        let counts = Arc::new(Mutex::new(Vec::new()));
        let started = Instant::now();
        let client = |_| {
            let (stop, counts) = (Arc::clone(&stop), Arc::clone(&counts));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let after = started.elapsed();
                    let answer = request(address);
                    counts
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(Sample { after, answer });
                    std::thread::sleep(PAUSE);
                }
            })
        };
        let clients = (0..clients).map(client).collect();
        Self {
            stop,
            counts,
            clients,
        }
    }

    /// Stops the clients and counts, in `slices` equal slices of time.
    #[must_use]
    pub fn stop(self, slices: usize) -> LoadReport {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            // A client that panicked has sent what it sent.
            drop(client.join());
        }
        let samples =
            std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        report(&samples, slices.max(1))
    }
}

fn report(samples: &[Sample], slices: usize) -> LoadReport {
    let mut report = LoadReport {
        requests: samples.len(),
        slices: vec![BTreeMap::new(); slices],
        ..LoadReport::default()
    };
    let end = samples
        .iter()
        .map(|sample| sample.after)
        .max()
        .unwrap_or_default()
        .as_nanos()
        + 1;
    for sample in samples {
        let slice =
            usize::try_from(sample.after.as_nanos() * slices as u128 / end).unwrap_or_default();
        let name = match &sample.answer {
            Ok(revision) => {
                *report.revisions.entry(revision.clone()).or_default() += 1;
                revision.clone()
            }
            Err(problem) => {
                *report.failures.entry(problem.clone()).or_default() += 1;
                "failed".to_owned()
            }
        };
        if let Some(slice) = report.slices.get_mut(slice) {
            *slice.entry(name).or_default() += 1;
        }
    }
    report
}

/// One request on a connection of its own. The revision that answered, or what went wrong.
///
/// # Errors
/// A refused or broken connection, or a status other than 2xx.
pub fn request(address: SocketAddr) -> Result<String, String> {
    let io = |problem: std::io::Error| problem.kind().to_string();
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(io)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(io)?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n")
        .map_err(io)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(io)?;
    let answer = String::from_utf8_lossy(&answer);
    let mut lines = answer.lines();
    let status = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .nth(1)
        .unwrap_or("no answer")
        .to_owned();
    if !status.starts_with('2') {
        return Err(format!("status {status}"));
    }
    let revision = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-switchyard-revision")
            .then(|| value.trim().to_owned())
    });
    Ok(revision.unwrap_or_else(|| "unknown".to_owned()))
}
