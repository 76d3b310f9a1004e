//! One event, in the form that programs read (docs/guides/notifications.md).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchyard_engine::RecordOutcome;
use switchyard_secrecy::shape::without_secrets;

use crate::kind::Kind;

/// Version of the form. Members may be added to it; anything else is another version.
pub const SCHEMA_VERSION: u32 = 1;

/// Longest reason that is told, in characters.
const LONGEST_REASON: usize = 1000;

/// Most addresses that are named.
const MOST_ADDRESSES: usize = 10;

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A service.
    Service {
        /// Name of its cluster.
        cluster: String,
        /// Its name.
        name: String,
    },
    /// Plans that were judged together, by name.
    Plans(Vec<String>),
}

/// Drift that a plan shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// Critical differences.
    pub critical: usize,
    /// Major ones.
    pub major: usize,
    /// Minor ones.
    pub minor: usize,
    /// Addresses of resources with critical differences; at most ten are told.
    pub addresses: Vec<String>,
}

/// Something that has happened. Text of others passes a filter for secrets before it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// When.
    pub at: Timestamp,
    /// To what.
    pub subject: Subject,
    /// The new revision, `FAMILY:REVISION`.
    pub to: Option<String>,
    /// The one before.
    pub from: Option<String>,
    /// Percent of production traffic on the new revision.
    pub traffic_percent: Option<f64>,
    /// How the deployment ended.
    pub outcome: Option<RecordOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// Seconds from the beginning of the apply until its end.
    pub seconds: Option<u64>,
    /// Drift.
    pub drift: Option<Drift>,
}

impl Event {
    /// An event of which nothing else is known.
    pub fn new(kind: Kind, at: Timestamp, subject: Subject) -> Self {
        Self {
            kind,
            at,
            subject,
            to: None,
            from: None,
            traffic_percent: None,
            outcome: None,
            reason: None,
            seconds: None,
            drift: None,
        }
    }

    /// The same for the same event: whoever gets it twice knows it.
    pub fn id(&self) -> String {
        let parts = [
            self.kind.word().to_owned(),
            self.at.to_string(),
            self.subject_text(),
            self.to.clone().unwrap_or_default(),
            self.traffic_percent.unwrap_or_default().to_string(),
        ];
        let digest = Sha256::digest(parts.join("\n"));
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.chars().take(32).collect()
    }

    /// `CLUSTER/SERVICE`, or the plans.
    pub(crate) fn subject_text(&self) -> String {
        match &self.subject {
            Subject::Service { cluster, name } => format!("{cluster}/{name}"),
            Subject::Plans(names) => names.join(", "),
        }
    }

    /// The reason as it may be told.
    pub(crate) fn told_reason(&self) -> Option<String> {
        let text = without_secrets(self.reason.as_deref()?.trim());
        Some(cut(&text, LONGEST_REASON))
    }

    /// What has happened, in one sentence without its full stop.
    pub fn headline(&self) -> String {
        let of = match &self.subject {
            Subject::Service { cluster, name } => format!("{name} (cluster {cluster})"),
            Subject::Plans(_) => self.subject_text(),
        };
        let to = match &self.to {
            Some(to) => format!(" to {to}"),
            None => String::new(),
        };
        let deployment = format!("The deployment of {of}{to}");
        match self.kind {
            Kind::Started => format!("{deployment} has started"),
            Kind::WaitingForApproval => format!("{deployment} waits for approval"),
            Kind::Step => {
                let percent = self.traffic_percent.unwrap_or_default();
                let revision = self.to.as_deref().unwrap_or("the new revision");
                format!("{of}: {percent} % of production traffic is on {revision}")
            }
            Kind::Succeeded => match self.seconds {
                Some(seconds) => format!("{deployment} succeeded after {}", span(seconds)),
                None => format!("{deployment} succeeded"),
            },
            Kind::RolledBack => format!("{deployment} was rolled back"),
            Kind::Failed => format!("{deployment} {}", failed(self.outcome)),
            Kind::Approved => format!("{deployment} was approved"),
            Kind::Rejected => format!("{deployment} was rejected"),
            Kind::Stopped => format!("{deployment} was stopped"),
            Kind::EmergencyScaling => format!("{of} was scaled in an emergency"),
            Kind::DriftCritical => {
                let critical = self.drift.as_ref().map_or(0, |drift| drift.critical);
                let differences = if critical == 1 {
                    "difference"
                } else {
                    "differences"
                };
                format!("Drift: {critical} critical {differences} in {of}")
            }
        }
    }

    /// As JSON.
    pub fn document(&self) -> Value {
        let (service, plans) = match &self.subject {
            Subject::Service { cluster, name } => {
                (Some(json!({ "cluster": cluster, "name": name })), None)
            }
            Subject::Plans(names) => (None, Some(names)),
        };
        let drift = self.drift.as_ref().map(|drift| Drift {
            addresses: drift
                .addresses
                .iter()
                .take(MOST_ADDRESSES)
                .cloned()
                .collect(),
            ..drift.clone()
        });
        json!({
            "schema_version": SCHEMA_VERSION,
            "id": self.id(),
            "type": self.kind.word(),
            "at": self.at,
            "service": service,
            "plans": plans,
            "to_revision": self.to,
            "from_revision": self.from,
            "traffic_percent": self.traffic_percent,
            "outcome": self.outcome,
            "reason": self.told_reason(),
            "duration_seconds": self.seconds,
            "drift": drift,
            "message": self.headline(),
        })
    }
}

fn failed(outcome: Option<RecordOutcome>) -> &'static str {
    match outcome {
        Some(RecordOutcome::Cancelled) => "was canceled",
        Some(RecordOutcome::LeftRunning) => {
            "is still running, but the apply that followed it has ended"
        }
        Some(RecordOutcome::Unhealthy) => "is complete, and a gate has failed",
        Some(RecordOutcome::Failed | RecordOutcome::RolledBack | RecordOutcome::Succeeded)
        | None => "failed",
    }
}

/// `3m12s`.
fn span(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}s"),
        (minutes, seconds) => format!("{minutes}m{seconds:02}s"),
    }
}

/// At most so many characters, the last of which says that something is missing.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{kept}…")
        }
        false => text.to_owned(),
    }
}
