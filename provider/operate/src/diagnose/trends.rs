//! Errors and latency of the last hour against the same hour of the seven days before. The median and the spread of those
//! days say what is usual; an hour far outside is an issue.

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::MetricSeries;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use super::seen::{Hour, Hours};
use crate::words::percent;

/// Earlier days that are compared with.
pub(super) const DAYS: i64 = 7;
/// Seconds of one value.
pub(super) const PERIOD: u32 = 300;
/// Days with traffic that are needed to say what is usual.
const NEEDED: usize = 3;
/// Spreads above the median that are unusual.
const SPREADS: f64 = 3.0;
/// What the median absolute deviation is multiplied with, to be a standard deviation where values scatter normally.
const TO_DEVIATION: f64 = 1.4826;
/// Requests of an hour, below which a share of them says nothing.
const FEWEST: f64 = 20.0;
/// Percent of errors that are an issue whatever is usual.
const ALWAYS: f64 = 5.0;
/// Percent of errors that are critical.
const CRITICAL: f64 = 25.0;
/// Percent of errors that are never an issue.
const NEVER: f64 = 0.5;
/// Seconds of latency that are never an issue by themselves.
const QUICK: f64 = 0.05;

impl Hour {
    fn error_percent(&self) -> Option<f64> {
        (self.requests >= FEWEST).then(|| self.errors / self.requests * 100.0)
    }
}

/// The values of one target group.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupSeries<'s> {
    pub(super) requests: &'s MetricSeries,
    pub(super) errors: &'s MetricSeries,
    pub(super) latency: &'s MetricSeries,
}

/// Sorts values into hours. `to` is the end of the last one.
pub(super) fn hours(groups: &[GroupSeries<'_>], to: Timestamp) -> Hours {
    let hour = |day: i64| {
        let end = to - SignedDuration::from_hours(24 * day);
        let begin = end - SignedDuration::from_hours(1);
        let inside = |series: &MetricSeries| -> Vec<f64> {
            let values = series.values.iter();
            values
                .filter(|(at, value)| *at >= begin && *at < end && value.is_finite())
                .map(|(_, value)| *value)
                .collect()
        };
        let latencies = groups.iter().flat_map(|group| inside(group.latency));
        Hour {
            requests: groups.iter().flat_map(|group| inside(group.requests)).sum(),
            errors: groups.iter().flat_map(|group| inside(group.errors)).sum(),
            latency: median(latencies.collect()),
        }
    };
    let before = (1..=DAYS).map(hour).filter(|hour| hour.requests > 0.0);
    Hours {
        now: hour(0),
        before: before.collect(),
    }
}

/// The middle value; of an even number, the mean of the two.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    match values.len() % 2 {
        1 => Some(upper),
        _ => Some((upper + values.get(middle.checked_sub(1)?)?) / 2.0),
    }
}

/// What is usual: median and spread of earlier days; `None` for fewer than three days.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Usual {
    median: f64,
    spread: f64,
    days: usize,
}

impl Usual {
    fn of(values: Vec<f64>) -> Option<Self> {
        if values.len() < NEEDED {
            return None;
        }
        let days = values.len();
        let middle = median(values.clone())?;
        let away = values.iter().map(|value| (value - middle).abs());
        Some(Self {
            median: middle,
            spread: median(away.collect())? * TO_DEVIATION,
            days,
        })
    }

    /// Far above, and by half again at least: where days hardly differ, a little more is no anomaly.
    fn is_exceeded_by(&self, value: f64) -> bool {
        value > self.median + SPREADS * self.spread && value > self.median * 1.5
    }
}

/// What differs from earlier days.
pub(super) fn trends(evidence: &Evidence, hours: &Hours) -> Vec<Issue> {
    let found = [
        errors(evidence, hours),
        latency(evidence, hours),
        requests(evidence, hours),
    ];
    found.into_iter().flatten().collect()
}

fn usual_of(hours: &Hours, value: impl Fn(&Hour) -> Option<f64>) -> Option<Usual> {
    Usual::of(hours.before.iter().filter_map(value).collect())
}

fn against(usual: Option<&Usual>, shown: impl Fn(f64) -> String) -> String {
    match usual {
        Some(usual) => format!(
            "In the same hour of {} earlier days: median {}, spread {}.",
            usual.days,
            shown(usual.median),
            shown(usual.spread)
        ),
        None => "There are fewer than 3 earlier days with traffic to compare with.".to_owned(),
    }
}

fn cause(evidence: &Evidence) -> String {
    match &evidence.view.deployment {
        Some(deployment) => format!(
            "A deployment to {} is in progress: compare both sides first.",
            deployment.to.as_deref().unwrap_or("another revision")
        ),
        None => "The service, or something it calls, answers differently from earlier days; without a deployment in \
                 progress, look at what it calls first."
            .to_owned(),
    }
}

fn steps(evidence: &Evidence, filter: &str) -> Vec<String> {
    super::deployment::lines([
        Some(format!(
            "Read the logs: {}.",
            evidence.command("logs", format!("--since 1h {filter}").trim_end())
        )),
        Some(format!(
            "See what changed: {}.",
            evidence.command("history", "--days 7")
        )),
        evidence.way_back(),
    ])
}

fn errors(evidence: &Evidence, hours: &Hours) -> Option<Issue> {
    let now = hours.now.error_percent()?;
    let usual = usual_of(hours, Hour::error_percent);
    let is_unusual = usual.is_some_and(|usual| now >= NEVER && usual.is_exceeded_by(now));
    (is_unusual || now >= ALWAYS).then(|| Issue {
        kind: IssueKind::ErrorsHigh,
        severity: match now >= CRITICAL {
            true => IssueSeverity::Critical,
            false => IssueSeverity::Major,
        },
        title: format!("{} of the requests of the last hour failed (5xx)", percent(now)),
        affects: format!("{} of the requests", percent(now)),
        cause: cause(evidence),
        evidence: vec![
            format!("{} of {} requests in the last hour.", hours.now.errors, hours.now.requests),
            against(usual.as_ref(), percent),
        ],
        steps: steps(evidence, "--filter ERROR"),
        prevention: "Add a gate on `target_5xx_percent`, so that a deployment with errors is rolled back by itself."
            .to_owned(),
    })
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1000.0)
}

fn latency(evidence: &Evidence, hours: &Hours) -> Option<Issue> {
    let now = hours.now.latency.filter(|_| hours.now.requests >= FEWEST)?;
    let usual = usual_of(hours, |hour| hour.latency)?;
    (now >= usual.median + QUICK && usual.is_exceeded_by(now)).then(|| Issue {
        kind: IssueKind::LatencyHigh,
        severity: match now > usual.median * 4.0 {
            true => IssueSeverity::Major,
            false => IssueSeverity::Minor,
        },
        title: format!(
            "Responses take {} (p95), longer than on earlier days",
            milliseconds(now)
        ),
        affects: "Everybody who waits for an answer".to_owned(),
        cause: cause(evidence),
        evidence: vec![
            format!("p95 of the last hour: {}.", milliseconds(now)),
            against(Some(&usual), milliseconds),
        ],
        steps: steps(evidence, ""),
        prevention: "Add a gate on `target_response_time_p95`.".to_owned(),
    })
}

/// Requests that do not come any more fail before they reach the service.
fn requests(evidence: &Evidence, hours: &Hours) -> Option<Issue> {
    let usual = usual_of(hours, |hour| Some(hour.requests))?;
    let is_low = usual.median >= 5.0 * FEWEST && hours.now.requests < usual.median * 0.2;
    let is_unusual = hours.now.requests < usual.median - SPREADS * usual.spread;
    (is_low && is_unusual).then(|| Issue {
        kind: IssueKind::FewerRequests,
        severity: IssueSeverity::Major,
        title: format!("Only {} requests came in the last hour", hours.now.requests),
        affects: "Users whose requests do not arrive".to_owned(),
        cause: "Something in front of the service changed: DNS, a CDN or firewall, a certificate, or the listener's rules."
            .to_owned(),
        evidence: vec![against(Some(&usual), |value| format!("{value:.0} requests"))],
        steps: vec![
            "Send a request yourself, from outside.".to_owned(),
            format!("Check where the rule sends traffic: {}.", evidence.command("status", "")),
        ],
        prevention: "Set an alarm on `RequestCount`, with missing data as breaching.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn series(values: &[(i64, f64)]) -> MetricSeries {
        MetricSeries {
            values: values
                .iter()
                .map(|(second, value)| (at(*second), *value))
                .collect(),
            problem: None,
        }
    }

    #[test]
    fn values_fall_into_the_same_hour_of_each_day() {
        let day = 86_400;
        let to = at(10 * day);
        let requests = series(&[
            (10 * day - 3600, 30.0),
            (10 * day - 300, 20.0),
            // The hour before is another hour.
            (10 * day - 3601, 999.0),
            (9 * day - 600, 40.0),
            (3 * day - 600, 7.0),
            // Eight days ago.
            (2 * day - 600, 999.0),
        ]);
        let errors = series(&[(10 * day - 300, 5.0)]);
        let latency = series(&[
            (10 * day - 3600, 0.1),
            (10 * day - 300, 0.3),
            (10 * day - 600, f64::NAN),
        ]);
        let none = series(&[]);
        let one = GroupSeries {
            requests: &requests,
            errors: &errors,
            latency: &latency,
        };
        let other = GroupSeries {
            requests: &requests,
            errors: &none,
            latency: &none,
        };
        let found = hours(&[one, other], to);
        assert_eq!(found.now.requests, 100.0);
        assert_eq!(found.now.errors, 5.0);
        assert_eq!(found.now.latency, Some(0.2));
        let before: Vec<f64> = found.before.iter().map(|hour| hour.requests).collect();
        assert_eq!(before, [80.0, 14.0]);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn what_is_usual_takes_three_days_and_one_bad_day_does_not_change_it() {
        assert_eq!(Usual::of(vec![1.0, 1.0]), None);
        let usual = Usual::of(vec![1.0, 1.2, 0.8, 1.1, 50.0]).unwrap();
        assert!(usual.median < 1.2 && usual.spread < 0.5, "{usual:?}");
        assert!(usual.is_exceeded_by(3.0));
        assert!(!usual.is_exceeded_by(1.4));
        // Days without any scatter do not make every change one.
        let same = Usual::of(vec![2.0, 2.0, 2.0]).unwrap();
        assert!(!same.is_exceeded_by(2.9));
        assert!(same.is_exceeded_by(3.1));
    }
}
