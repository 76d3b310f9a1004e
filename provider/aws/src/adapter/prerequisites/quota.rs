//! Fargate's vCPUs: the quota and its use. Each call is made once: a warning about room is not worth waiting for.

use std::collections::BTreeMap;

use aws_sdk_servicequotas::config::Builder as Override;
use aws_sdk_servicequotas::types::{MetricInfo, ServiceQuota};
use jiff::SignedDuration;
use switchyard_engine::ports::{ErrorKind, MetricQuery, MetricSource, Quota, Result};

use super::super::absent_is_none;
use super::super::metrics::CloudWatchMetrics;
use super::call;
use crate::call::Caller;
use crate::patience::once;

const GET_DEFAULT: &str = "servicequotas:GetAWSDefaultServiceQuota";
const GET_QUOTA: &str = "servicequotas:GetServiceQuota";

const SERVICE: &str = "fargate";
/// "Fargate On-Demand vCPU resource count".
const QUOTA: &str = "L-3032A538";

/// Usage is published every five minutes.
const PERIOD_SECONDS: u32 = 300;
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(30);

pub(super) async fn fargate_vcpus(
    caller: &Caller,
    metrics: &CloudWatchMetrics,
) -> Result<Option<Quota>> {
    let quota = match applied(caller).await? {
        Some(quota) => Some(quota),
        None => default(caller).await?,
    };
    let Some((quota, limit)) = quota.and_then(|quota| {
        let limit = quota.value()?;
        Some((quota, limit))
    }) else {
        return Ok(None);
    };
    let used = match quota.usage_metric() {
        Some(metric) => used(caller, metrics, metric).await?,
        None => None,
    };
    Ok(Some(Quota { limit, used }))
}

async fn applied(caller: &Caller) -> Result<Option<ServiceQuota>> {
    let client = caller.connection.quotas(GET_QUOTA, QUOTA).await?;
    let request = client
        .get_service_quota()
        .service_code(SERVICE)
        .quota_code(QUOTA)
        .customize()
        .config_override(Override::new().retry_config(once()));
    let answer = caller.read(call(GET_QUOTA, QUOTA), request.send()).await;
    Ok(absent_is_none(answer)?.and_then(|answer| answer.quota))
}

/// A quota that was never changed may have no applied value.
async fn default(caller: &Caller) -> Result<Option<ServiceQuota>> {
    let client = caller.connection.quotas(GET_DEFAULT, QUOTA).await?;
    let request = client
        .get_aws_default_service_quota()
        .service_code(SERVICE)
        .quota_code(QUOTA)
        .customize()
        .config_override(Override::new().retry_config(once()));
    let answer = caller.read(call(GET_DEFAULT, QUOTA), request.send()).await;
    Ok(absent_is_none(answer)?.and_then(|answer| answer.quota))
}

/// The last value of the metric that the quota itself names. Not to be allowed to read metrics is no failure, and
/// neither is a CloudWatch that does not answer.
async fn used(
    caller: &Caller,
    metrics: &CloudWatchMetrics,
    metric: &MetricInfo,
) -> Result<Option<f64>> {
    let (Some(namespace), Some(name)) = (metric.metric_namespace(), metric.metric_name()) else {
        return Ok(None);
    };
    let dimensions = metric.metric_dimensions().into_iter().flatten();
    let query = MetricQuery {
        id: "used".to_owned(),
        source: MetricSource::Metric {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            dimensions: dimensions
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect::<BTreeMap<_, _>>(),
            statistic: metric
                .metric_statistic_recommendation()
                .unwrap_or("Maximum")
                .to_owned(),
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
