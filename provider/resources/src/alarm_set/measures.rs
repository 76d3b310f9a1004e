//! What each kind of alarm measures, as metric queries, and in words.

use std::collections::BTreeMap;

use switchyard_engine::ports::{MetricQuery, MetricSource};

use super::catalog::Kind;
use super::settings::Settings;
use super::words::AlarmWord;

/// Seconds of a period: thresholds are per minute.
const PERIOD: u32 = 60;
/// Id of the query that is compared with the threshold.
pub(super) const VALUE: &str = "value";
/// Id of the query that computes the expected band.
pub(super) const BAND: &str = "band";
/// What stands before the number of requests in the expression of errors.
pub(super) const AT_LEAST: &str = " >= ";

const LOAD_BALANCER: &str = "AWS/ApplicationELB";
const GIB: &str = "1073741824";

/// The queries of an alarm; `object` is the database or cache node that it is about.
pub(super) fn queries(
    kind: &Kind,
    settings: &Settings,
    threshold: f64,
    object: &str,
) -> Vec<MetricQuery> {
    let mut queries = value(&kind.word, settings, object);
    if kind.has_band() {
        let band = format!("ANOMALY_DETECTION_BAND({VALUE}, {threshold})");
        queries.push(MetricQuery {
            returned: true,
            ..expression(BAND, band)
        });
    }
    queries
}

fn value(word: &AlarmWord, settings: &Settings, object: &str) -> Vec<MetricQuery> {
    match word {
        AlarmWord::Unavailable => {
            let healthy = sides(settings, &[("healthy", "HealthyHostCount", "Minimum")]);
            computed(
                sum(settings, |side| format!("FILL(healthy{side},0)")),
                healthy,
            )
        }
        AlarmWord::ErrorsCritical | AlarmWord::ErrorsWarning => {
            let requests = requests(settings);
            let errors = sum(settings, |side| format!("FILL(errors{side},0)"));
            let metrics = [
                ("requests", "RequestCount", "Sum"),
                ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
            ];
            computed(
                share(&errors, &requests, settings.minimum_requests),
                sides(settings, &metrics),
            )
        }
        AlarmWord::LatencyCritical | AlarmWord::LatencyWarning | AlarmWord::LatencyAnomaly => {
            let requests = requests(settings);
            // The average over both sides, by the number of their requests.
            let seconds = sum(settings, |side| {
                format!("FILL(seconds{side},0)*FILL(requests{side},0)")
            });
            let metrics = [
                ("requests", "RequestCount", "Sum"),
                ("seconds", "TargetResponseTime", "Average"),
            ];
            computed(
                format!("IF({requests} > 0, ({seconds})/({requests}), 0)"),
                sides(settings, &metrics),
            )
        }
        AlarmWord::RequestsAnomaly => computed(
            requests(settings),
            sides(settings, &[("requests", "RequestCount", "Sum")]),
        ),
        AlarmWord::LoadBalancerErrorsCritical | AlarmWord::LoadBalancerErrorsWarning => {
            of_load_balancer(settings)
        }
        AlarmWord::Cpu => vec![direct(of_service(settings, "CPUUtilization", "Average"))],
        AlarmWord::Memory => vec![direct(of_service(settings, "MemoryUtilization", "Average"))],
        AlarmWord::TasksMaximum => vec![direct(tasks(settings))],
        AlarmWord::Scaling => computed(
            "ABS(DIFF(tasks))".to_owned(),
            vec![fed("tasks", tasks(settings))],
        ),
        AlarmWord::DeploymentFailed => {
            let rule = settings
                .deployment_failure_rule
                .as_deref()
                .unwrap_or_default();
            let dimensions = [("RuleName", rule)];
            vec![direct(metric(
                "AWS/Events",
                "TriggeredRules",
                &dimensions,
                "Sum",
            ))]
        }
        AlarmWord::DatabaseConnections => {
            vec![direct(database(object, "DatabaseConnections", "Maximum"))]
        }
        AlarmWord::DatabaseCpu => vec![direct(database(object, "CPUUtilization", "Average"))],
        AlarmWord::DatabaseStorage => computed(
            format!("free/{GIB}"),
            vec![fed("free", database(object, "FreeStorageSpace", "Minimum"))],
        ),
        AlarmWord::DatabaseReplicaLag => vec![direct(database(object, "ReplicaLag", "Maximum"))],
        AlarmWord::CacheCpu => vec![direct(cache(object, "EngineCPUUtilization", "Average"))],
        AlarmWord::CacheMemory => {
            let name = "DatabaseMemoryUsagePercentage";
            vec![direct(cache(object, name, "Average"))]
        }
        AlarmWord::CacheEvictions => vec![direct(cache(object, "Evictions", "Sum"))],
        // A word of another version measures nothing; the schema does not let it in.
        AlarmWord::Unknown(_) => Vec::new(),
    }
}

/// With the answers that the load balancer gives by itself, because no task does: no target group counts those.
fn of_load_balancer(settings: &Settings) -> Vec<MetricQuery> {
    let all = "FILL(requests,0)+FILL(refused,0)";
    let of = |id: &str, name: &str| {
        let balancer = settings.load_balancer.as_deref().unwrap_or_default();
        let dimensions = [("LoadBalancer", balancer)];
        fed(id, metric(LOAD_BALANCER, name, &dimensions, "Sum"))
    };
    computed(
        share(
            "FILL(errors,0)+FILL(refused,0)",
            all,
            settings.minimum_requests,
        ),
        vec![
            of("requests", "RequestCount"),
            of("errors", "HTTPCode_Target_5XX_Count"),
            of("refused", "HTTPCode_ELB_5XX_Count"),
        ],
    )
}

fn share(errors: &str, requests: &str, minimum: u32) -> String {
    format!("IF({requests}{AT_LEAST}{minimum}, 100*({errors})/({requests}), 0)")
}

fn requests(settings: &Settings) -> String {
    sum(settings, |side| format!("FILL(requests{side},0)"))
}

/// The same of each side, added up.
fn sum(settings: &Settings, term: impl Fn(usize) -> String) -> String {
    let terms: Vec<String> = (0..settings.target_groups.len()).map(term).collect();
    terms.join("+")
}

/// Metrics of each target group, with the number of the group after their ids.
fn sides(settings: &Settings, metrics: &[(&str, &str, &str)]) -> Vec<MetricQuery> {
    let balancer = settings.load_balancer.as_deref().unwrap_or_default();
    let groups = settings.target_groups.iter().enumerate();
    groups
        .flat_map(|(side, group)| {
            let dimensions = [("LoadBalancer", balancer), ("TargetGroup", group.as_str())];
            metrics.iter().map(move |(id, name, statistic)| {
                let metric = metric(LOAD_BALANCER, name, &dimensions, statistic);
                fed(&format!("{id}{side}"), metric)
            })
        })
        .collect()
}

fn of_service(settings: &Settings, name: &str, statistic: &str) -> MetricSource {
    let dimensions = [
        ("ClusterName", settings.cluster.as_str()),
        ("ServiceName", settings.service.as_str()),
    ];
    metric("AWS/ECS", name, &dimensions, statistic)
}

/// How many tasks run: each of them sends one sample a minute.
fn tasks(settings: &Settings) -> MetricSource {
    of_service(settings, "CPUUtilization", "SampleCount")
}

fn database(identifier: &str, name: &str, statistic: &str) -> MetricSource {
    let dimensions = [("DBInstanceIdentifier", identifier)];
    metric("AWS/RDS", name, &dimensions, statistic)
}

fn cache(identifier: &str, name: &str, statistic: &str) -> MetricSource {
    let dimensions = [("CacheClusterId", identifier)];
    metric("AWS/ElastiCache", name, &dimensions, statistic)
}

fn metric(
    namespace: &str,
    name: &str,
    dimensions: &[(&str, &str)],
    statistic: &str,
) -> MetricSource {
    let dimensions = dimensions.iter();
    MetricSource::Metric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        statistic: statistic.to_owned(),
        period_seconds: PERIOD,
    }
}

/// A metric that is compared itself.
fn direct(source: MetricSource) -> MetricQuery {
    MetricQuery {
        id: VALUE.to_owned(),
        source,
        returned: true,
    }
}

/// A metric that an expression uses.
fn fed(id: &str, source: MetricSource) -> MetricQuery {
    MetricQuery {
        id: id.to_owned(),
        source,
        returned: false,
    }
}

fn expression(id: &str, text: String) -> MetricQuery {
    MetricQuery {
        id: id.to_owned(),
        source: MetricSource::Expression(text),
        returned: false,
    }
}

fn computed(text: String, mut metrics: Vec<MetricQuery>) -> Vec<MetricQuery> {
    let value = MetricQuery {
        returned: true,
        ..expression(VALUE, text)
    };
    metrics.insert(0, value);
    metrics
}

/// Queries in one text: for people, and so that a change of any of them is seen.
pub(super) fn in_words(queries: &[MetricQuery]) -> String {
    let texts: Vec<String> = queries.iter().map(query_in_words).collect();
    texts.join("; ")
}

fn query_in_words(query: &MetricQuery) -> String {
    let what = match &query.source {
        MetricSource::Expression(text) => text.clone(),
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds,
        } => {
            let dimensions = pairs(dimensions);
            format!("{statistic} of {namespace} {name} {{{dimensions}}} in {period_seconds} s")
        }
    };
    match (query.id.as_str(), query.returned) {
        ("", _) => what,
        (id, true) => format!("{id} = {what}"),
        (id, false) => format!("with {id} = {what}"),
    }
}

fn pairs(dimensions: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = dimensions
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(", ")
}
