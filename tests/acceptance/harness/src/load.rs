//! Real HTTP load on a listener, counted by the revision that answered.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use switchyard_lab::Visitors;

/// Pause of one client between requests.
const PAUSE: Duration = Duration::from_millis(5);
/// Longest wait for an answer; longer counts as a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// Clients that request one URL until stopped.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    counts: Arc<Mutex<Vec<Sample>>>,
    clients: Vec<JoinHandle<()>>,
}

/// Percent of a listener's traffic by target group ARN.
pub type Weights = BTreeMap<String, u32>;

/// What tells a listener's weights at this moment.
pub type WeightsNow = Arc<dyn Fn() -> Weights + Send + Sync>;

/// One request.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was sent, since the load started.
    pub after: Duration,
    /// The revision that answered, or what went wrong.
    pub answer: Result<String, String>,
    /// The revision that answered, whatever it answered.
    pub revision: Option<String>,
    /// The listener's weights; `None` when they changed during the request, or nobody looked.
    pub weights: Option<Weights>,
}

/// An answer: the status, and the revision that gave it.
#[derive(Clone, Debug)]
struct Reply {
    status: String,
    revision: Option<String>,
}

impl Reply {
    fn judged(&self) -> Result<String, String> {
        if self.status.starts_with('2') {
            Ok(self
                .revision
                .clone()
                .unwrap_or_else(|| "unknown".to_owned()))
        } else {
            Err(format!("status {}", self.status))
        }
    }
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
    /// Every request, in the order in which they were sent.
    pub samples: Vec<Sample>,
}

impl LoadReport {
    /// Failed requests.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Requests that a revision answered, whatever it answered.
    #[must_use]
    pub fn reached(&self, revision: &str) -> usize {
        self.samples
            .iter()
            .filter(|sample| sample.revision.as_deref() == Some(revision))
            .count()
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
    /// Starts `clients` clients on `url` (`http://ADDRESS:PORT`); the lab's time passes as they are answered.
    ///
    /// # Panics
    /// When the URL is not a loopback address with a port.
    #[must_use]
    pub fn start(url: &str, clients: usize, visitors: Visitors) -> Self {
        Self::run(url, clients, visitors, None)
    }

    /// Like [`Load::start`]; every sample also has the weights that decided where it went.
    ///
    /// # Panics
    /// When the URL is not a loopback address with a port.
    #[must_use]
    pub fn watching(url: &str, clients: usize, visitors: Visitors, weights: WeightsNow) -> Self {
        Self::run(url, clients, visitors, Some(weights))
    }

    #[expect(clippy::disallowed_methods, reason = "load is measured in real time")]
    fn run(url: &str, clients: usize, visitors: Visitors, weights: Option<WeightsNow>) -> Self {
        let address: SocketAddr = url
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .parse()
            .expect("a listener's loopback address");
        let visitors = Arc::new(visitors);
        let stop = Arc::new(AtomicBool::new(false));
        let counts = Arc::new(Mutex::new(Vec::new()));
        let started = Instant::now();
        let client = |_| {
            let (stop, counts) = (Arc::clone(&stop), Arc::clone(&counts));
            let visitors = Arc::clone(&visitors);
            let weights = weights.clone();
            let look = move || weights.as_ref().map(|weights| weights());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let after = started.elapsed();
                    let visit = visitors.visit();
                    let before = look();
                    let reply = ask(address);
                    let sample = Sample {
                        after,
                        weights: look().filter(|now| before.as_ref() == Some(now)),
                        answer: match &reply {
                            Ok(reply) => reply.judged(),
                            Err(problem) => Err(problem.clone()),
                        },
                        revision: reply.ok().and_then(|reply| reply.revision),
                    };
                    drop(visit);
                    counts
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(sample);
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
        let mut samples =
            std::mem::take(&mut *self.counts.lock().unwrap_or_else(PoisonError::into_inner));
        samples.sort_by_key(|sample| sample.after);
        report(samples, slices.max(1))
    }
}

fn report(samples: Vec<Sample>, slices: usize) -> LoadReport {
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
    for sample in &samples {
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
    report.samples = samples;
    report
}

/// One request on a connection of its own. The revision that answered, or what went wrong.
///
/// # Errors
/// A refused or broken connection, or a status other than 2xx.
pub fn request(address: SocketAddr) -> Result<String, String> {
    ask(address)?.judged()
}

fn ask(address: SocketAddr) -> Result<Reply, String> {
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
    let revision = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-switchyard-revision")
            .then(|| value.trim().to_owned())
    });
    Ok(Reply { status, revision })
}
