//! `--notify`: who is told, and how `gate` tells them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use switchyard_aws::{Aws, AwsConfig, Environment};
use switchyard_engine::ports::Clock;
use switchyard_notify::{
    Drift, Event, Kind, Outlets, REQUEST_TIMEOUT, Subject, Target, Variables, targets_of, tell,
};
use switchyard_probe::HttpProbes;

use crate::answer::Answer;
use crate::rules::Severity;

/// The targets in a file.
///
/// # Errors
/// Why there are none, in whole sentences.
pub(crate) fn read_targets(file: &Path) -> Result<Vec<Target>, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("The file of `--notify` cannot be read: {name} ({error})."))?;
    targets_of(&text).map_err(|why| {
        format!(
            "The file of `--notify` cannot be used: {name}: {}.",
            why.trim_end_matches('.')
        )
    })
}

/// The event of a run: its critical drift, if it has any.
pub(crate) fn event(answer: &Answer, at: jiff::Timestamp) -> Option<Event> {
    let critical = answer.count(Severity::Critical);
    if critical == 0 {
        return None;
    }
    let mut addresses: Vec<String> = answer
        .worst_first()
        .into_iter()
        .filter(|counted| counted.severity == Severity::Critical)
        .map(|counted| counted.finding.address.clone())
        .collect();
    addresses.dedup();
    let plans = answer.reports().map(|(plan, _)| plan.to_owned()).collect();
    Some(Event {
        drift: Some(Drift {
            critical,
            major: answer.count(Severity::Major),
            minor: answer.count(Severity::Minor),
            addresses,
        }),
        ..Event::new(Kind::DriftCritical, at, Subject::Plans(plans))
    })
}

/// Tells others of drift.
pub trait SendNotices {
    /// Tells the targets of an event, and says who did not hear it, each as a sentence.
    fn tell(&self, targets: &[Target], event: Event) -> Vec<String>;
}

/// How long one attempt of a call to AWS may take.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Receivers as they are: over the network, with AWS reached as the AWS command line reaches it.
pub struct Receivers {
    environment: Environment,
    variable: fn(&str) -> Option<String>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Receivers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receivers").finish_non_exhaustive()
    }
}

impl Receivers {
    /// Remembers where to look; nothing is opened before there is something to tell.
    pub fn new(
        environment: Environment,
        variable: fn(&str) -> Option<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            environment,
            variable,
            clock,
        }
    }

    fn outlets(&self) -> Outlets {
        let mut config = AwsConfig::new(self.environment.clone());
        config.attempt_timeout = ATTEMPT;
        let aws = Aws::connect(config).notices(Arc::clone(&self.clock));
        Outlets {
            notices: Arc::new(Variables::before(aws, self.variable)),
            posts: Arc::new(HttpProbes::of_environment(self.variable)),
            clock: Arc::clone(&self.clock),
            timeout: REQUEST_TIMEOUT,
        }
    }
}

impl SendNotices for Receivers {
    fn tell(&self, targets: &[Target], event: Event) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                return vec![format!(
                    "The network runtime could not be started ({error})."
                )];
            }
        };
        runtime.block_on(async {
            let lost = tell(targets, &self.outlets(), vec![event]).await;
            lost.iter().map(ToString::to_string).collect()
        })
    }
}
