//! Counts of drift as CloudWatch metrics. The only part that talks to anybody, and only when asked to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchyard_aws::{Aws, AwsConfig, Environment, Problem};
use switchyard_engine::ports::{Clock, MetricDatum};

use crate::answer::Answer;
use crate::rules::Severity;

/// Default of `--metrics-namespace`.
pub(crate) const NAMESPACE: &str = "Custom/AdvancedInfrastructureDrift";

/// Takes metric values to where they are kept.
pub trait SendMetrics {
    /// Sends values to a namespace.
    ///
    /// # Errors
    ///
    /// Why they were not sent, as a sentence without its full stop.
    fn send(&self, namespace: &str, values: &[MetricDatum]) -> Result<(), String>;
}

/// The values of all plans together, with these dimensions. A plan that failed or leaves something out has none: a part
/// of the drift looks like less drift.
pub(crate) fn values(
    answer: &Answer,
    dimensions: &[(String, String)],
    at: Timestamp,
) -> Result<Vec<MetricDatum>, String> {
    let is_partial = answer
        .reports()
        .any(|(_, report)| report.reading.errored || report.is_partial());
    if is_partial || answer.failures().next().is_some() {
        return Err(
            "the plan is incomplete, and part of the drift would look like less drift".to_owned(),
        );
    }
    let dimensions: BTreeMap<_, _> = dimensions.iter().cloned().collect();
    let counts = [
        ("TotalDrift", answer.worst_first().len()),
        ("CriticalDrift", answer.count(Severity::Critical)),
        ("MajorDrift", answer.count(Severity::Major)),
        ("MinorDrift", answer.count(Severity::Minor)),
    ];
    Ok(counts
        .into_iter()
        .map(|(name, count)| MetricDatum {
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            value: f64::from(u32::try_from(count).unwrap_or(u32::MAX)),
            unit: "Count".to_owned(),
            at,
        })
        .collect())
}

/// A namespace of one's own, as PutMetricData takes it.
pub(crate) fn parse_namespace(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#: ".contains(c);
    if text.trim().is_empty()
        || text.len() > 255
        || text.starts_with(':')
        || !text.chars().all(allowed)
    {
        return Err(
            "a namespace has 1 to 255 letters, digits, spaces and . - _ / # :, and does not begin with a colon"
                .to_owned(),
        );
    }
    if text.starts_with("AWS/") {
        return Err("namespaces that begin with AWS/ belong to AWS".to_owned());
    }
    Ok(text.to_owned())
}

/// `NAME=VALUE`.
pub(crate) fn parse_dimension(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let fits = |text: &str, longest| {
        !text.trim().is_empty()
            && text.len() <= longest
            && text.chars().all(|c| c.is_ascii() && !c.is_ascii_control())
    };
    if !fits(name, 255) || name.starts_with(':') {
        return Err(
            "the name has 1 to 255 ASCII characters and does not begin with a colon".to_owned(),
        );
    }
    if !fits(value, 1024) {
        return Err("the value has 1 to 1024 ASCII characters".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// How long one attempt may take, and how many there are besides the first: a pipeline should not wait minutes for a
/// number that it can do without.
const ATTEMPT: Duration = Duration::from_secs(10);
const RETRIES: u32 = 2;

/// CloudWatch, reached as the AWS command line reaches it: region, credentials and endpoint from the environment.
pub struct CloudWatch {
    environment: Environment,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for CloudWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudWatch").finish_non_exhaustive()
    }
}

impl CloudWatch {
    /// Remembers where to look; nothing is opened before the first value is sent.
    pub fn new(environment: Environment, clock: Arc<dyn Clock>) -> Self {
        Self { environment, clock }
    }
}

impl SendMetrics for CloudWatch {
    fn send(&self, namespace: &str, values: &[MetricDatum]) -> Result<(), String> {
        let mut config = AwsConfig::new(self.environment.clone());
        config.max_retries = Some(RETRIES);
        config.attempt_timeout = ATTEMPT;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("the network runtime could not be started ({error})"))?;
        runtime.block_on(async {
            let aws = Aws::connect(config);
            aws.prepare().await.map_err(|problem| words(&problem))?;
            let metrics = aws.metrics(Arc::clone(&self.clock));
            metrics.put(namespace, values).await.map_err(|error| {
                let text = error.to_string();
                text.trim_end_matches('.').to_owned()
            })
        })
    }
}

/// There is no provider block here.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::MissingRegion { .. } => {
            "no AWS region is set; set AWS_REGION, or `region` in the profile".to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_and_dimensions_are_checked_before_anything_is_read() {
        assert!(parse_namespace(NAMESPACE).is_ok());
        for wrong in ["", " ", "AWS/ECS", ":a", "a\nb", "ü"] {
            assert!(parse_namespace(wrong).is_err(), "{wrong:?}");
        }
        let parsed = parse_dimension("Stack=shop=eu").unwrap();
        assert_eq!(parsed, ("Stack".to_owned(), "shop=eu".to_owned()));
        for wrong in ["Stack", "=x", "Stack=", ":a=b", "a=\u{7}", "ü=x"] {
            assert!(parse_dimension(wrong).is_err(), "{wrong:?}");
        }
    }
}
