//! Where an apply says what changes while it runs.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::report::RecordOutcome;

/// Takes what an apply says. Neither waits nor fails: a rollout does not depend on who listens.
pub trait Progress: Send + Sync + 'static {
    /// Something has changed.
    fn tell(&self, moment: &ProgressMoment);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn tell(&self, _: &ProgressMoment) {}
}

/// Name of the file in the folder of a GitHub runner (`RUNNER_TEMP`) in which an apply says what it does, when it is told to do
/// so for GitHub.
pub const GITHUB_PROGRESS_FILE: &str = "switchyard-progress.jsonl";

/// One moment of a rollout; `Display` is one line for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgressMoment {
    /// When it was seen.
    pub at: Timestamp,
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// The new revision, `FAMILY:REVISION`.
    pub revision: String,
    /// Stage in AWS's words, or what is waited for; at the end, how it ended.
    pub stage: String,
    /// Percent of production traffic on the new revision, when AWS says.
    pub weight: Option<f64>,
    /// Tasks of the new revision that run.
    pub running: Option<u32>,
    /// Tasks it is to have.
    pub desired: Option<u32>,
    /// Healthy targets of it.
    pub healthy: Option<u32>,
    /// What a gate measured last.
    pub gate: Option<GateMoment>,
    /// When the hold ends, while a weight is held.
    pub until: Option<Timestamp>,
    /// It waits for a person to approve.
    #[serde(default)]
    pub awaits_approval: bool,
    /// A deployment has begun or was found, and is followed; otherwise only settings change, or it is not its turn.
    #[serde(default)]
    pub is_rolling: bool,
    /// The rollout is over.
    pub is_over: bool,
    /// What is known of it once it is over; absent before, and in files of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<ProgressEnd>,
}

/// How a rollout ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressEnd {
    /// How.
    pub outcome: RecordOutcome,
    /// Why it failed, without lines of logs; absent after a success.
    pub reason: Option<String>,
    /// The revision that was live before, `FAMILY:REVISION`; absent at creation.
    pub from: Option<String>,
    /// Seconds from the beginning of the apply.
    pub seconds: u64,
}

/// What a gate measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateMoment {
    /// Name of the gate.
    pub name: String,
    /// The number; absent for requests, and when there was none.
    pub value: Option<f64>,
    /// What was expected of it.
    pub expected: Option<String>,
    /// Whether it was as expected; absent when nothing was measured.
    pub is_good: Option<bool>,
}

impl ProgressMoment {
    /// Whether anything but the time is different.
    pub fn is_news_after(&self, last: &Self) -> bool {
        *self
            != Self {
                at: self.at,
                until: self.until,
                ..last.clone()
            }
    }
}

impl fmt::Display for ProgressMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, stage, .. } = self;
        let revision = self.revision.rsplit(':').next().unwrap_or_default();
        match self.weight.filter(|weight| *weight > 0.0) {
            _ if self.is_over => return write!(f, "{service}: {stage}"),
            Some(weight) => write!(f, "{service}: {weight} % on revision {revision}")?,
            None => write!(f, "{service}: {stage}")?,
        }
        match (self.healthy, self.running, self.desired) {
            (Some(healthy), _, Some(desired)) => write!(f, " · {healthy}/{desired} healthy")?,
            (None, Some(running), Some(desired)) => write!(f, " · {running}/{desired} running")?,
            (_, _, _) => {}
        }
        if let Some(gate) = &self.gate {
            write!(f, " · {gate}")?;
        }
        let left = self.until.map(|until| until.duration_since(self.at));
        if let Some(left) = left.filter(SignedDuration::is_positive) {
            let (minutes, seconds) = (left.as_mins(), left.as_secs() % 60);
            match minutes {
                0 => write!(f, " · {seconds}s left")?,
                minutes => write!(f, " · {minutes}m{seconds:02}s left")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for GateMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match (self.value, self.is_good) {
            (Some(value), _) => write!(f, " {}", (value * 10_000.0).round() / 10_000.0)?,
            (None, Some(true)) => f.write_str(" good")?,
            (None, Some(false)) => f.write_str(" bad")?,
            (None, None) => f.write_str(" no data")?,
        }
        match &self.expected {
            Some(expected) => write!(f, " ({expected})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> ProgressMoment {
        ProgressMoment {
            at: "2026-11-30T14:00:00Z".parse().unwrap(),
            cluster: "main".to_owned(),
            service: "checkout".to_owned(),
            revision: "checkout:43".to_owned(),
            stage: "PRODUCTION_TRAFFIC_SHIFT".to_owned(),
            weight: Some(10.0),
            running: Some(2),
            desired: Some(2),
            healthy: Some(2),
            gate: Some(GateMoment {
                name: "errors".to_owned(),
                value: Some(0.3),
                expected: Some("good when <= 1".to_owned()),
                is_good: Some(true),
            }),
            until: Some("2026-11-30T14:03:12Z".parse().unwrap()),
            awaits_approval: false,
            is_rolling: false,
            is_over: false,
            end: None,
        }
    }

    #[test]
    fn a_line_says_where_traffic_is_and_how_long_it_stays() {
        let whole = moment();
        let plain = ProgressMoment {
            weight: Some(0.0),
            healthy: None,
            running: Some(1),
            gate: None,
            until: None,
            stage: "SCALE_UP".to_owned(),
            ..moment()
        };
        let over = ProgressMoment {
            is_over: true,
            stage: "rolled back".to_owned(),
            ..moment()
        };
        for (moment, line) in [
            (
                whole,
                "checkout: 10 % on revision 43 · 2/2 healthy · errors 0.3 (good when <= 1) · 3m12s left",
            ),
            (plain, "checkout: SCALE_UP · 1/2 running"),
            (over, "checkout: rolled back"),
        ] {
            assert_eq!(moment.to_string(), line);
        }
    }

    #[test]
    fn time_alone_is_no_news() {
        let first = moment();
        let later = ProgressMoment {
            at: "2026-11-30T14:01:00Z".parse().unwrap(),
            until: None,
            ..moment()
        };
        assert!(!later.is_news_after(&first));
        let moved = ProgressMoment {
            weight: Some(50.0),
            ..moment()
        };
        assert!(moved.is_news_after(&first));
    }
}
