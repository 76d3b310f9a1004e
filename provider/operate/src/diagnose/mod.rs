//! `diagnose`: what is wrong with a service, why, and what to do about it.
//!
//! `gather` reads, the files named after what they look at judge, `score` counts. The judges are pure: evidence in, issues
//! out.

mod alarms;
mod certificates;
mod deployment;
mod evidence;
mod gather;
mod issue;
mod network;
mod patterns;
mod quota;
mod rightsize;
mod scaling;
mod score;
mod seen;
mod targets;
mod tasks;
#[cfg(test)]
mod tests;
mod text;
mod traffic;
mod trends;
mod usage;

use futures::future::join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::{Inspection, Ports};

use crate::console::{Console, Output};
use crate::exit::Exit;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::written::Written;
use evidence::Evidence;
use issue::{Check, Outcome};
use rightsize::Rightsizing;
use score::{Score, score};

pub use issue::{HealthArea, Issue, IssueKind, IssueSeverity};
pub use rightsize::{FargatePrices, FargateRate};

/// How a service is diagnosed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnose {
    /// A score below this is a failure of the command.
    pub fail_under: Option<u8>,
    /// Advise on the size of tasks, with these prices.
    pub rightsize: Option<FargatePrices>,
}

/// What is advised about the size.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
enum Sizing {
    NotAsked,
    Unknown { why: String },
    Judged(Box<Rightsizing>),
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Diagnosis {
    service: String,
    cluster: String,
    region: Option<String>,
    at: Timestamp,
    score: Score,
    /// The worst first.
    issues: Vec<Issue>,
    checks: Vec<Check>,
    sizing: Sizing,
}

/// What `diagnose` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Diagnoses {
    /// In the order in which they were named, or by name.
    services: Vec<Diagnosis>,
}

impl Written for Diagnoses {
    const FORMAT: &'static str = "switchyard.diagnose";
}

/// Shows what is wrong with services.
///
/// # Errors
/// A service is not there, or cannot be read. What else cannot be read is listed as not checked.
pub async fn diagnose(
    ports: &Ports,
    inspection: &dyn Inspection,
    selection: &Selection,
    wanted: &Diagnose,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let found = chosen.iter().map(|it| one(ports, inspection, it, wanted));
    let services = join_all(found)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let found = Diagnoses { services };
    match console.output {
        Output::Json => console.document(&found)?,
        Output::Text => {
            let blocks: Vec<String> = found
                .services
                .iter()
                .map(|it| text::block(it, console.color))
                .collect();
            console.say(&blocks.join("\n"))?;
        }
    }
    let is_below = |least: u8| found.services.iter().any(|it| it.score.total < least);
    Ok(match wanted.fail_under.is_some_and(is_below) {
        true => Exit::NotSucceeded,
        false => Exit::Done,
    })
}

async fn one(
    ports: &Ports,
    inspection: &dyn Inspection,
    chosen: &Chosen,
    wanted: &Diagnose,
) -> Result<Diagnosis, Trouble> {
    let evidence = gather::gather(ports, inspection, chosen).await?;
    let sizing = match &wanted.rightsize {
        None => Sizing::NotAsked,
        Some(prices) => match rightsize::read(ports, &evidence, prices).await {
            Ok(found) => Sizing::Judged(Box::new(found)),
            Err(why) => Sizing::Unknown { why },
        },
    };
    Ok(judged(&evidence, sizing))
}

/// All checks, in the order in which they are listed.
fn checks(evidence: &Evidence) -> Vec<Check> {
    use HealthArea::{Basic, Business, Performance};
    let made = |issues: Vec<Issue>| Outcome::Checked { issues };
    let all = [
        ("deployment", Basic, made(deployment::deployment(evidence))),
        ("number of tasks", Basic, made(tasks::missing(evidence))),
        (
            "stopped tasks",
            Basic,
            evidence
                .stopped
                .check(|stopped| tasks::failing(evidence, stopped)),
        ),
        (
            "targets",
            Basic,
            evidence
                .groups
                .check(|groups| targets::unhealthy(evidence, groups)),
        ),
        (
            "traffic",
            Basic,
            evidence
                .groups
                .check(|groups| traffic::traffic(evidence, groups)),
        ),
        (
            "network",
            Basic,
            evidence
                .network
                .check(|seen| network::network(evidence, seen)),
        ),
        (
            "certificates",
            Basic,
            evidence
                .certificates
                .check(|found| certificates::certificates(evidence, found)),
        ),
        (
            "errors and latency",
            Performance,
            evidence
                .hours
                .check(|hours| trends::trends(evidence, hours)),
        ),
        (
            "CPU and memory",
            Performance,
            evidence.usage.check(|usage| usage::usage(evidence, usage)),
        ),
        (
            "scaling",
            Performance,
            evidence
                .scaling
                .check(|seen| scaling::scaling(evidence, seen)),
        ),
        (
            "quotas",
            Performance,
            evidence.quota.check(|quota| quota::quota(evidence, quota)),
        ),
        (
            "alarms",
            Business,
            evidence
                .alarms
                .check(|states| alarms::alarms(evidence, states)),
        ),
        (
            "logs",
            Business,
            evidence
                .patterns
                .check(|patterns| patterns::errors(evidence, patterns)),
        ),
    ];
    all.into_iter()
        .map(|(name, area, outcome)| Check {
            name,
            area,
            outcome,
        })
        .collect()
}

fn judged(evidence: &Evidence, sizing: Sizing) -> Diagnosis {
    let checks = checks(evidence);
    let score = score(&checks);
    let mut issues: Vec<Issue> = checks
        .iter()
        .flat_map(|check| check.issues().to_vec())
        .collect();
    issues.sort_by_key(|issue| issue.severity);
    Diagnosis {
        service: evidence.view.service.clone(),
        cluster: evidence.view.cluster.clone(),
        region: evidence.view.region.clone(),
        at: evidence.view.at,
        score,
        issues,
        checks,
        sizing,
    }
}
