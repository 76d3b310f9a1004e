//! Reads what a service uses, and what it has.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use switchyard_engine::ports::{
    CpuArchitecture, Launch, LaunchType, MetricQuery, MetricSource, Ports, ProviderName,
    TaskDefinition,
};

use super::advice::{FargatePrices, FargateRate, HOURS, Measured, Rightsizing, Sized, judge};
use crate::diagnose::evidence::Evidence;
use crate::trouble::Trouble;

/// What a service needs.
///
/// # Errors
/// Why nothing can be said, as a sentence.
pub(in crate::diagnose) async fn read(
    ports: &Ports,
    evidence: &Evidence,
    prices: &FargatePrices,
) -> Result<Rightsizing, String> {
    let name = evidence.view.live_definition();
    let name = name.ok_or_else(|| "The service has no task definition.".to_owned())?;
    let found = ports.services.find_task_definition(name).await;
    let found = found.map_err(|error| Trouble::reading(&error).to_string())?;
    let found = found.ok_or_else(|| format!("Task definition `{name}` does not exist."))?;
    let sized = sized(evidence, &found, prices)?;
    let measured = measured(ports, evidence).await?;
    judge(&sized, &measured, prices)
}

fn sized(
    evidence: &Evidence,
    found: &TaskDefinition,
    prices: &FargatePrices,
) -> Result<Sized, String> {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse().ok());
    let (Some(cpu), Some(memory)) = (number(&found.cpu), number(&found.memory)) else {
        return Err(
            "The task definition has no CPU and memory for the whole task: sizes are advised for Fargate.".to_owned(),
        );
    };
    let scaling = evidence.scaling.seen();
    Ok(Sized {
        service: evidence.view.service.clone(),
        cluster: evidence.view.cluster.clone(),
        family: found.family.clone(),
        cpu,
        memory,
        tasks: evidence.view.tasks.desired,
        scales: scaling.is_some_and(|seen| {
            seen.policies > 0 && seen.target.bounds.min < seen.target.bounds.max
        }),
        rate: rate(evidence.service.launch.as_ref(), found, prices),
    })
}

fn rate(
    launch: Option<&Launch>,
    found: &TaskDefinition,
    prices: &FargatePrices,
) -> Result<FargateRate, String> {
    let is_plain = match launch {
        Some(Launch::Type(LaunchType::Fargate)) => true,
        Some(Launch::Type(LaunchType::Ec2 | LaunchType::External | LaunchType::Unknown(_)))
        | None => false,
        Some(Launch::Strategy(items)) => {
            !items.is_empty()
                && items
                    .iter()
                    .all(|item| item.provider() == ProviderName::Fargate)
        }
    };
    if !is_plain {
        return Err("there are prices for Fargate on demand only".to_owned());
    }
    match &found.cpu_architecture {
        None | Some(CpuArchitecture::X86) => Ok(prices.x86),
        Some(CpuArchitecture::Arm64) => Ok(prices.arm64),
        Some(CpuArchitecture::Unknown(word)) => Err(format!("there is no price for `{word}`")),
    }
}

async fn measured(ports: &Ports, evidence: &Evidence) -> Result<Measured, String> {
    let query = |id: &str, name: &str, statistic: &str| MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Metric {
            namespace: "AWS/ECS".to_owned(),
            name: name.to_owned(),
            dimensions: BTreeMap::from([
                ("ClusterName".to_owned(), evidence.view.cluster.clone()),
                ("ServiceName".to_owned(), evidence.view.service.clone()),
            ]),
            statistic: statistic.to_owned(),
            period_seconds: 3600,
        },
        returned: true,
    };
    let queries = [
        query("cpu", "CPUUtilization", "Average"),
        query("memory", "MemoryUtilization", "Maximum"),
    ];
    let hours = i64::try_from(HOURS).unwrap_or(i64::MAX);
    let from = evidence.now - SignedDuration::from_hours(hours);
    let found = ports.metrics.query(&queries, from, evidence.now).await;
    let mut found = found.map_err(|error| Trouble::reading(&error).to_string())?;
    let mut values = |id: &str| -> Vec<f64> {
        let series = found.remove(id).unwrap_or_default();
        let values = series.values.into_iter().map(|(_, value)| value);
        values.filter(|value| value.is_finite()).collect()
    };
    Ok(Measured {
        cpu: values("cpu"),
        memory: values("memory"),
    })
}
