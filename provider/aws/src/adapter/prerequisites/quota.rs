//! Fargate's vCPUs: the quota and its use. Each call is made once: a warning about room is not worth waiting for.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use switchyard_engine::ports::{ErrorKind, MetricQuery, MetricSource, Quota, Result};

use super::super::absent_is_none;
use super::super::metrics::CloudWatchMetrics;
use super::call;
use crate::call::Caller;
use crate::direct::Effect;

const GET_DEFAULT: &str = "servicequotas:GetAWSDefaultServiceQuota";
const GET_QUOTA: &str = "servicequotas:GetServiceQuota";

const SERVICE: &str = "fargate";
/// "Fargate On-Demand vCPU resource count".
const QUOTA: &str = "L-3032A538";

/// Usage is published every five minutes.
const PERIOD_SECONDS: u32 = 300;
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(30);

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Quota")]
    quota: Option<ServiceQuota>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceQuota {
    value: Option<f64>,
    usage_metric: Option<UsageMetric>,
}

/// The metric that a quota names for its use.
#[derive(Deserialize)]
struct UsageMetric {
    #[serde(rename = "MetricNamespace")]
    namespace: Option<String>,
    #[serde(rename = "MetricName")]
    name: Option<String>,
    #[serde(rename = "MetricDimensions", default)]
    dimensions: BTreeMap<String, String>,
    #[serde(rename = "MetricStatisticRecommendation")]
    statistic: Option<String>,
}

pub(super) async fn fargate_vcpus(
    caller: &Caller,
    metrics: &CloudWatchMetrics,
) -> Result<Option<Quota>> {
    let quota = match get(caller, GET_QUOTA, "ServiceQuotasV20190624.GetServiceQuota").await? {
        Some(quota) => Some(quota),
        // A quota that was never changed may have no applied value.
        None => {
            get(
                caller,
                GET_DEFAULT,
                "ServiceQuotasV20190624.GetAWSDefaultServiceQuota",
            )
            .await?
        }
    };
    let Some((quota, limit)) = quota.and_then(|quota| {
        let limit = quota.value?;
        Some((quota, limit))
    }) else {
        return Ok(None);
    };
    let used = match quota.usage_metric {
        Some(metric) => used(caller, metrics, metric).await?,
        None => None,
    };
    Ok(Some(Quota { limit, used }))
}

async fn get(
    caller: &Caller,
    operation: &'static str,
    target: &'static str,
) -> Result<Option<ServiceQuota>> {
    let body = json!({"ServiceCode": SERVICE, "QuotaCode": QUOTA});
    let answer = caller
        .json_in::<Answer>(None, call(operation, QUOTA), Effect::Tries, target, &body)
        .await;
    Ok(absent_is_none(answer)?.and_then(|answer| answer.quota))
}

/// The last value of the metric that the quota itself names. Not to be allowed to read metrics is no failure, and
/// neither is a CloudWatch that does not answer.
async fn used(
    caller: &Caller,
    metrics: &CloudWatchMetrics,
    metric: UsageMetric,
) -> Result<Option<f64>> {
    let (Some(namespace), Some(name)) = (metric.namespace, metric.name) else {
        return Ok(None);
    };
    let query = MetricQuery {
        id: "used".to_owned(),
        source: MetricSource::Metric {
            namespace,
            name,
            dimensions: metric.dimensions,
            statistic: metric.statistic.unwrap_or_else(|| "Maximum".to_owned()),
            period_seconds: PERIOD_SECONDS,
        },
        returned: true,
    };
    let now = caller.clock.now();
    let from = now.checked_sub(LOOK_BACK).unwrap_or(now);
    match metrics.query_once(&[query], from, now).await {
        Ok(found) => Ok(found
            .get("used")
            .and_then(|series| series.values.last())
            .map(|(_, value)| *value)),
        Err(error) if error.kind == ErrorKind::Denied || error.kind.is_transient() => Ok(None),
        Err(error) => Err(error),
    }
}
