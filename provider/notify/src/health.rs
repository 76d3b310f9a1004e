//! A deployment as metrics of CloudWatch.

use std::collections::BTreeMap;

use switchyard_engine::ports::{MetricDatum, ServiceRef};
use switchyard_engine::{DeploymentRecord, RecordOutcome};

/// Namespace when nobody has named another.
pub const NAMESPACE: &str = "Custom/DeploymentHealth";

/// The values of one deployment that has ended, with the dimensions `ClusterName` and `ServiceName`; none while it goes on
/// without its apply. `lead_seconds` is the time from the commit, where it is known.
pub fn values(
    service: &ServiceRef,
    record: &DeploymentRecord,
    lead_seconds: Option<i64>,
) -> Vec<MetricDatum> {
    let succeeded = match record.outcome {
        RecordOutcome::LeftRunning => return Vec::new(),
        RecordOutcome::Succeeded => true,
        RecordOutcome::Cancelled
        | RecordOutcome::Failed
        | RecordOutcome::RolledBack
        | RecordOutcome::Unhealthy => false,
    };
    let rolled_back =
        record.outcome == RecordOutcome::RolledBack || record.recovery_seconds.is_some();
    let flag = |is: bool| if is { 1.0 } else { 0.0 };
    let mut values = vec![
        ("DeploymentSuccess", flag(succeeded), "Count"),
        ("DeploymentFailure", flag(!succeeded), "Count"),
        ("RollbackTriggered", flag(rolled_back), "Count"),
        (
            "DeploymentDuration",
            number(i64::try_from(record.duration_seconds).unwrap_or(i64::MAX)),
            "Seconds",
        ),
    ];
    if let Some(seconds) = healthy_after(record) {
        values.push(("HealthCheckDuration", number(seconds), "Seconds"));
    }
    if let Some(seconds) = lead_seconds.filter(|_| succeeded) {
        values.push(("LeadTime", number(seconds), "Seconds"));
    }
    let dimensions: BTreeMap<String, String> = [
        ("ClusterName".to_owned(), service.cluster_name().to_owned()),
        ("ServiceName".to_owned(), service.name.clone()),
    ]
    .into();
    let datum = |(name, value, unit): (&str, f64, &str)| MetricDatum {
        name: name.to_owned(),
        dimensions: dimensions.clone(),
        value,
        unit: unit.to_owned(),
        at: record.finished_at,
    };
    values.into_iter().map(datum).collect()
}

/// Seconds of any deployment are far below what a float holds exactly.
fn number(seconds: i64) -> f64 {
    f64::from(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// From the beginning until all tasks of the new revision were healthy for the first time; running, where no target group
/// says whether they are healthy.
fn healthy_after(record: &DeploymentRecord) -> Option<i64> {
    let is_ready = |entry: &&switchyard_engine::TimelineEntry| {
        let desired = entry.desired.filter(|desired| *desired > 0);
        desired.is_some_and(|desired| entry.healthy.or(entry.running) >= Some(desired))
    };
    let ready = record.timeline.iter().find(is_ready)?;
    let seconds = ready.at.duration_since(record.started_at).as_secs();
    Some(seconds.max(0))
}

#[cfg(test)]
mod tests {
    use switchyard_engine::TimelineEntry;

    use super::*;

    fn entry(second: i64, running: u32, healthy: Option<u32>) -> TimelineEntry {
        TimelineEntry {
            at: jiff::Timestamp::from_second(1000 + second).unwrap(),
            stage: "SCALE_UP".to_owned(),
            weight: None,
            running: Some(running),
            desired: Some(2),
            healthy,
        }
    }

    fn record(outcome: RecordOutcome, timeline: Vec<TimelineEntry>) -> DeploymentRecord {
        let json = serde_json::json!({
            "id": null, "outcome": outcome, "reason": "", "from_task_definition": null,
            "to_task_definition": "web:2", "started_at": "1970-01-01T00:16:40Z",
            "finished_at": "1970-01-01T00:20:00Z", "duration_seconds": 200, "recovery_seconds": null,
            "timeline": timeline, "gates": [], "score": null, "images": [], "quarantine": false,
        });
        serde_json::from_value(json).unwrap()
    }

    fn told(record: &DeploymentRecord, lead: Option<i64>) -> Vec<(String, f64)> {
        let service = ServiceRef {
            cluster: "arn:aws:ecs:eu-west-1:123456789012:cluster/main".to_owned(),
            name: "web".to_owned(),
        };
        let values = values(&service, record, lead);
        assert!(
            values
                .iter()
                .all(|value| value.dimensions["ClusterName"] == "main")
        );
        values.into_iter().map(|it| (it.name, it.value)).collect()
    }

    fn pairs(list: &[(&str, f64)]) -> Vec<(String, f64)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect()
    }

    #[test]
    fn a_deployment_is_one_success_or_one_failure_and_its_times() {
        let timeline = vec![
            entry(10, 1, Some(0)),
            entry(30, 2, Some(1)),
            entry(45, 2, Some(2)),
            entry(60, 2, Some(2)),
        ];
        let success = record(RecordOutcome::Succeeded, timeline);
        assert_eq!(
            told(&success, Some(3600)),
            pairs(&[
                ("DeploymentSuccess", 1.0),
                ("DeploymentFailure", 0.0),
                ("RollbackTriggered", 0.0),
                ("DeploymentDuration", 200.0),
                ("HealthCheckDuration", 45.0),
                ("LeadTime", 3600.0),
            ])
        );
        let never = record(RecordOutcome::RolledBack, vec![entry(10, 2, Some(1))]);
        assert_eq!(
            told(&never, Some(3600)),
            pairs(&[
                ("DeploymentSuccess", 0.0),
                ("DeploymentFailure", 1.0),
                ("RollbackTriggered", 1.0),
                ("DeploymentDuration", 200.0),
            ])
        );
        assert_eq!(told(&record(RecordOutcome::LeftRunning, vec![]), None), []);
    }

    #[test]
    fn tasks_without_targets_are_ready_when_they_run() {
        let plain = record(
            RecordOutcome::Succeeded,
            vec![entry(5, 1, None), entry(20, 2, None)],
        );
        assert_eq!(healthy_after(&plain), Some(20));
    }
}
