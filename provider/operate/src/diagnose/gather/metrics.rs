//! What CloudWatch has measured.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::{MetricQuery, MetricSeries, MetricSource, Ports, TargetGroup};

use crate::diagnose::evidence::Reading;
use crate::diagnose::seen::{Hours, Usage};
use crate::diagnose::trends::{DAYS, GroupSeries, PERIOD, hours};
use crate::view::ServiceView;

/// The part of an ARN that CloudWatch's dimensions are made of.
fn dimension(arn: &str, from: &str) -> Option<String> {
    let (_, rest) = arn.split_once(from)?;
    Some(match from {
        ":loadbalancer/" => rest.to_owned(),
        _ => format!("targetgroup/{rest}"),
    })
}

/// Requests, errors and latency of the groups, over the days that trends look at.
pub(super) async fn trends(
    ports: &Ports,
    groups: &[&TargetGroup],
    now: Timestamp,
) -> Reading<Hours> {
    let mut queries = Vec::new();
    let mut index = 0_usize;
    for group in groups {
        // Only Application Load Balancers count requests.
        for balancer in group
            .load_balancers
            .iter()
            .filter(|arn| arn.contains("/app/"))
        {
            let (Some(balancer), Some(target)) = (
                dimension(balancer, ":loadbalancer/"),
                dimension(&group.arn, ":targetgroup/"),
            ) else {
                continue;
            };
            let dimensions = BTreeMap::from([
                ("LoadBalancer".to_owned(), balancer),
                ("TargetGroup".to_owned(), target),
            ]);
            for (kind, name, statistic) in [
                ("requests", "RequestCount", "Sum"),
                ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
                ("latency", "TargetResponseTime", "p95"),
            ] {
                queries.push(query(
                    format!("{kind}_{index}"),
                    "AWS/ApplicationELB",
                    name,
                    &dimensions,
                    (statistic, PERIOD),
                ));
            }
            index += 1;
        }
    }
    if queries.is_empty() {
        return Reading::Nothing;
    }
    let to = whole(now, PERIOD);
    let from = to - SignedDuration::from_hours(24 * DAYS + 1);
    let found = match ports.metrics.query(&queries, from, to).await {
        Ok(found) => found,
        Err(error) => return Reading::unread(&error),
    };
    let nothing = MetricSeries::default();
    let series =
        |kind: &str, index: usize| found.get(&format!("{kind}_{index}")).unwrap_or(&nothing);
    let groups: Vec<GroupSeries<'_>> = (0..index)
        .map(|index| GroupSeries {
            requests: series("requests", index),
            errors: series("errors", index),
            latency: series("latency", index),
        })
        .collect();
    Reading::Seen(hours(&groups, to))
}

fn query(
    id: String,
    namespace: &str,
    name: &str,
    dimensions: &BTreeMap<String, String>,
    (statistic, period_seconds): (&str, u32),
) -> MetricQuery {
    MetricQuery {
        id,
        source: MetricSource::Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            statistic: statistic.to_owned(),
            period_seconds,
        },
        returned: true,
    }
}

/// The begin of the period, which has not ended.
fn whole(at: Timestamp, period: u32) -> Timestamp {
    let period = i64::from(period);
    let second = at.as_second() - at.as_second().rem_euclid(period);
    Timestamp::from_second(second).unwrap_or(at)
}

/// What the tasks have used of their size in the last hour.
pub(super) async fn usage(ports: &Ports, view: &ServiceView, now: Timestamp) -> Reading<Usage> {
    let dimensions = BTreeMap::from([
        ("ClusterName".to_owned(), view.cluster.clone()),
        ("ServiceName".to_owned(), view.service.clone()),
    ]);
    let of = |id: &str, name: &str, statistic| {
        query(id.to_owned(), "AWS/ECS", name, &dimensions, (statistic, 60))
    };
    let queries = [
        of("cpu", "CPUUtilization", "Average"),
        of("memory", "MemoryUtilization", "Maximum"),
    ];
    let to = whole(now, 60);
    let from = to - SignedDuration::from_hours(1);
    let found = match ports.metrics.query(&queries, from, to).await {
        Ok(found) => found,
        Err(error) => return Reading::unread(&error),
    };
    let values = |id: &str| -> Vec<f64> {
        let series = found.get(id).into_iter().flat_map(|series| &series.values);
        series
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite())
            .collect()
    };
    let (cpu, memory) = (values("cpu"), values("memory"));
    if cpu.is_empty() && memory.is_empty() {
        return Reading::Nothing;
    }
    let number = u32::try_from(cpu.len()).unwrap_or(u32::MAX);
    Reading::Seen(Usage {
        cpu_mean: (number > 0).then(|| cpu.iter().sum::<f64>() / f64::from(number)),
        memory_most: memory.into_iter().max_by(f64::total_cmp),
    })
}
