//! Gates: from the model to the engine's terms, and the small languages in them.

use std::collections::BTreeSet;
use std::time::Duration;

use switchyard_engine::gate::{
    Anomaly, Check, CommandCheck, ConnectCheck, DependencyCheck, Expectation, Flow, FunctionCheck,
    Gate, GateClass, Gates, HttpCheck, Load, MetricCheck, MomentKind, OnFailure, ProbeTarget,
    SideQuery, SideSource, TlsCheck,
};
use switchyard_engine::ports::ServiceRef;
use switchyard_engine::{DeploymentRecord, GateVerdict};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Number};

use super::model::{
    AnomalyModel, CommandModel, DependencyModel, FunctionModel, GateModel, HealthScoreModel,
    HttpModel, LoadModel, MetricModel, Model, QueryModel, SetOf, TcpModel, TlsModel, known_map,
    known_set, or_default, whole_list,
};
use super::parse::{condition, period, status_range};
use super::words::{MethodWord, OnFailureWord, Predefined, TargetWord, WhenWord};
use crate::duration;

/// All gates; `None` while something in them is unknown.
pub(super) fn gates(model: &Model) -> Option<Gates> {
    let list = whole_list(&model.gate)?.into_iter().map(gate);
    let list = list.collect::<Option<_>>()?;
    let score = model.health_score.settled(|score| {
        let default = HealthScoreModel::defaults();
        Some((
            count(&score.minimum, &default.minimum)?,
            count(&score.pass_rate, &default.pass_rate)?,
        ))
    })?;
    let (minimum_score, minimum_pass_rate) = score.unzip();
    Some(Gates {
        list,
        minimum_score,
        minimum_pass_rate,
    })
}

/// The services without which a deployment of `own` fails, as far as they are known.
pub(super) fn needed(model: &Model, own: &ServiceRef) -> Vec<ServiceRef> {
    let gates = model.gate.known().into_iter().flatten();
    let decides = |gate: &&GateModel| {
        gate.observe_only != Attr::Known(true)
            && gate.on_failure != Attr::Known(OnFailureWord::Warn)
    };
    let gates = gates.filter_map(Attr::known).filter(decides);
    let others = gates.filter_map(|gate| gate.dependency.known());
    let others = others.filter_map(|other| {
        Some(ServiceRef {
            cluster: match other.cluster.as_ref() {
                Attr::Null => own.cluster.clone(),
                Attr::Known(cluster) => cluster.clone(),
                Attr::Unknown => return None,
            },
            name: other.service.known()?.clone(),
        })
    });
    others.collect()
}

/// One gate; `None` while something in it is unknown or not valid.
pub(super) fn gate(model: &GateModel) -> Option<Gate> {
    let default = GateModel::defaults();
    let class = or_default(&model.class, &default.class)?.engine()?;
    Some(Gate {
        name: model.name.known()?.clone(),
        class,
        area: or_default(&model.area, &default.area)?.engine()?,
        when: moments(&model.when)?,
        check: check(model, class)?,
        observe_only: *or_default(&model.observe_only, &default.observe_only)?,
        on_inconclusive: or_default(&model.on_inconclusive, &default.on_inconclusive)?.engine()?,
        time_limit: time(&model.time_limit, &default.time_limit)?,
        flow: Flow {
            order: model
                .order
                .settled(|order| u32::try_from(*order).ok())?
                .unwrap_or(FIRST),
            on_failure: model.on_failure.settled(OnFailureWord::engine)?,
            watch: model.watch.settled(|text| duration::parse(text).ok())?,
        },
        pair: model.target_group.settled(|group| Some(group.clone()))?,
    })
}

/// The order of a gate that has none.
const FIRST: u32 = 1;

/// The kinds of checks that a gate has, each once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Command(&'a CommandModel),
    Dependency(&'a DependencyModel),
    Function(&'a FunctionModel),
    Http(&'a HttpModel),
    Metric(&'a MetricModel),
    Tcp(&'a TcpModel),
    Tls(&'a TlsModel),
}

/// The checks that are written; `None` while it is not known which are.
pub(super) fn kinds(model: &GateModel) -> Option<Vec<Kind<'_>>> {
    fn one<'a, T>(block: &'a Attr<T>, kind: fn(&'a T) -> Kind<'a>) -> Option<Option<Kind<'a>>> {
        match block {
            Attr::Known(block) => Some(Some(kind(block))),
            Attr::Null => Some(None),
            Attr::Unknown => None,
        }
    }
    let all = [
        one(&model.http, Kind::Http)?,
        one(&model.metric, Kind::Metric)?,
        one(&model.command, Kind::Command)?,
        one(&model.function, Kind::Function)?,
        one(&model.tcp, Kind::Tcp)?,
        one(&model.tls, Kind::Tls)?,
        one(&model.dependency, Kind::Dependency)?,
    ];
    Some(all.into_iter().flatten().collect())
}

fn check(model: &GateModel, class: GateClass) -> Option<Check> {
    let kinds = kinds(model)?;
    let [kind] = kinds.as_slice() else {
        return None;
    };
    Some(match *kind {
        Kind::Command(command) => Check::Command(command_check(command)?),
        Kind::Dependency(other) => Check::Dependency(dependency_check(other)?),
        Kind::Function(function) => Check::Function(function_check(function, class)?),
        Kind::Http(http) => Check::Http(http_check(http, class)?),
        Kind::Metric(metric) => Check::Metric(metric_check(metric)?),
        Kind::Tcp(tcp) => Check::Connect(tcp_check(tcp, class)?),
        Kind::Tls(tls) => Check::Connect(tls_check(tls, class)?),
    })
}

fn command_check(model: &CommandModel) -> Option<CommandCheck> {
    let default = CommandModel::defaults();
    Some(CommandCheck {
        container: model.container_name.settled(|text| Some(text.clone()))?,
        command: whole_list(&model.command)?.into_iter().cloned().collect(),
        environment: known_map(&model.environment)?,
        attempts: count(&model.attempts, &default.attempts)?,
    })
}

fn function_check(model: &FunctionModel, class: GateClass) -> Option<FunctionCheck> {
    let default = FunctionModel::defaults();
    let payload = model
        .payload
        .settled(|text| serde_json::from_str(text).ok())?;
    Some(FunctionCheck {
        function: model.function_name.known()?.clone(),
        payload: payload.unwrap_or(serde_json::Value::Null),
        timeout: timeout(&model.timeout, class)?,
        attempts: count(&model.attempts, &default.attempts)?,
    })
}

fn tcp_check(model: &TcpModel, class: GateClass) -> Option<ConnectCheck> {
    let default = TcpModel::defaults();
    Some(ConnectCheck {
        host: model.host.known()?.clone(),
        port: u16::try_from(*model.port.known()?).ok()?,
        tls: None,
        timeout: timeout(&model.timeout, class)?,
        attempts: count(&model.attempts, &default.attempts)?,
    })
}

fn tls_check(model: &TlsModel, class: GateClass) -> Option<ConnectCheck> {
    let default = TlsModel::defaults();
    let host = model.host.known()?;
    Some(ConnectCheck {
        host: host.clone(),
        port: u16::try_from(*or_default(&model.port, &default.port)?).ok()?,
        tls: Some(TlsCheck {
            server_name: word(&model.server_name, host)?.to_owned(),
            minimum_days: count(&model.minimum_days, &default.minimum_days)?,
        }),
        timeout: timeout(&model.timeout, class)?,
        attempts: count(&model.attempts, &default.attempts)?,
    })
}

fn dependency_check(model: &DependencyModel) -> Option<DependencyCheck> {
    let default = DependencyModel::defaults();
    Some(DependencyCheck {
        cluster: model.cluster.settled(|text| Some(text.clone()))?,
        service: model.service.known()?.clone(),
        minimum_score: count(&model.minimum_score, &default.minimum_score)?,
        attempts: count(&model.attempts, &default.attempts)?,
    })
}

fn load(model: &LoadModel) -> Option<Load> {
    let default = LoadModel::defaults();
    Some(Load {
        requests: u32::try_from(*model.requests.known()?).ok()?,
        concurrency: count(&model.concurrency, &default.concurrency)?,
        p95: model
            .p95
            .settled(|text| duration::parse_precise(text).ok())?,
        max_errors: model
            .max_errors
            .settled(Number::nearest_f64)?
            .unwrap_or_default(),
    })
}

/// What is written, or the time of the class.
fn timeout(written: &Attr<String>, class: GateClass) -> Option<Duration> {
    let by_class = match class {
        GateClass::Smoke => "10s",
        GateClass::Api => "15s",
        GateClass::Integration => "30s",
        GateClass::Performance => "60s",
    };
    duration::parse_precise(word(written, by_class)?).ok()
}

/// The code of that warning.
const WARNED: &str = "SY0270";

/// The warning about gates that failed in a deployment that succeeded all the same.
pub(super) fn warning(gates: &Gates, record: &DeploymentRecord) -> Option<Diagnostic> {
    let warns = |name: &str| {
        let mut gates = gates.list.iter();
        gates.any(|gate| gate.name == name && gate.flow.on_failure == Some(OnFailure::Warn))
    };
    let failed = record
        .gates
        .iter()
        .filter(|result| result.verdict == GateVerdict::Failed && warns(&result.gate));
    let lines: Vec<String> = failed
        .map(|result| {
            let (gate, moment) = (&result.gate, &result.moment);
            format!("  Gate `{gate}` ({moment}): {}", result.message)
        })
        .collect();
    if lines.is_empty() {
        return None;
    }
    Some(Diagnostic::warning(
        "The deployment succeeded, and a gate that only warns has failed",
        format!(
            "The new revision is live. These gates failed; with `on_failure = \"warn\"` they do not stop a \
             deployment:\n\n{}\n\nRead what they found. To let such a failure stop the next deployment, remove \
             `on_failure`.\n\nCode {WARNED}.",
            lines.join("\n")
        ),
    ))
}

/// The moments of a gate, if all of them are known.
pub(super) fn moments(when: &SetOf<WhenWord>) -> Option<BTreeSet<MomentKind>> {
    known_set(when)?.iter().map(WhenWord::engine).collect()
}

fn http_check(model: &HttpModel, class: GateClass) -> Option<HttpCheck> {
    let target = match (&model.url, &model.target) {
        (Attr::Known(url), Attr::Null) => ProbeTarget::Url(url.clone()),
        (Attr::Null, Attr::Known(TargetWord::NewTargets)) => ProbeTarget::NewTargets,
        (Attr::Null, Attr::Known(TargetWord::TestListener)) => ProbeTarget::TestListener,
        _ => return None,
    };
    let default = HttpModel::defaults();
    Some(HttpCheck {
        target,
        path: word(&model.path, "/")?.to_owned(),
        method: match or_default(&model.method, &default.method)? {
            MethodWord::Unknown(_) => return None,
            method => method.to_string(),
        },
        headers: known_map(&model.headers)?,
        body: model.body.settled(|text| Some(text.clone()))?,
        expect: Expectation {
            status: match &model.status {
                Attr::Null => Vec::new(),
                status => known_set(status)?
                    .iter()
                    .map(|text| status_range(text).ok())
                    .collect::<Option<_>>()?,
            },
            body_contains: model.body_contains.settled(|text| Some(text.clone()))?,
            json: known_map(&model.json)?
                .into_iter()
                .map(|(pointer, text)| Some((pointer, serde_json::from_str(&text).ok()?)))
                .collect::<Option<_>>()?,
            latency: model
                .latency
                .settled(|text| duration::parse_precise(text).ok())?,
        },
        timeout: timeout(&model.timeout, class)?,
        consecutive_passes: count(&model.consecutive_passes, &default.consecutive_passes)?,
        attempts: count(&model.attempts, &default.attempts)?,
        retry_delay: model
            .retry_delay
            .settled(|text| duration::parse(text).ok())?,
        interval: time(&model.interval, &default.interval)?,
        load: model.load.settled(load)?,
    })
}

fn metric_check(model: &MetricModel) -> Option<MetricCheck> {
    let (queries, only) = match (&model.predefined, &model.query) {
        (Attr::Known(known), Attr::Null) => (known.queries()?, "result".to_owned()),
        (Attr::Null, Attr::Known(_)) => {
            let queries = whole_list(&model.query)?.into_iter().map(query);
            let queries = queries.collect::<Option<Vec<_>>>()?;
            let only = queries.first()?.id.clone();
            (queries, only)
        }
        _ => return None,
    };
    let default = MetricModel::defaults();
    let result = word(&model.result, &only)?.to_owned();
    Some(MetricCheck {
        queries,
        anomaly: model.anomaly.settled(|it| anomaly(it, &result))?,
        result,
        success: model.success_when.settled(|text| condition(text).ok())?,
        failure: model.failure_when.settled(|text| condition(text).ok())?,
        compare_percent: model.compare_percent.settled(Number::nearest_f64)?,
        interval: time(&model.interval, &default.interval)?,
        initial_delay: time(&model.initial_delay, &default.initial_delay)?,
        failure_limit: count(&model.failure_limit, &default.failure_limit)?,
        consecutive_successes: count(&model.consecutive_successes, &default.consecutive_successes)?,
        no_data: or_default(&model.no_data, &default.no_data)?.engine()?,
        not_a_number: or_default(&model.not_a_number, &default.not_a_number)?.engine()?,
        minimum_requests: model.minimum_requests.settled(|n| u32::try_from(*n).ok())?,
    })
}

/// The width of a band that has none.
const WIDTH: f64 = 2.0;

fn anomaly(model: &AnomalyModel, result: &str) -> Option<Anomaly> {
    let default = AnomalyModel::defaults();
    Some(Anomaly {
        of: word(&model.of, result)?.to_owned(),
        width: model.width.settled(Number::nearest_f64)?.unwrap_or(WIDTH),
        outside: or_default(&model.bad, &default.bad)?.engine()?,
    })
}

fn query(model: &QueryModel) -> Option<SideQuery> {
    let source = match &model.expression {
        Attr::Unknown => return None,
        Attr::Known(expression) => SideSource::Expression(expression.clone()),
        Attr::Null => SideSource::Metric {
            namespace: model.namespace.known()?.clone(),
            name: model.name.known()?.clone(),
            dimensions: known_map(&model.dimensions)?,
            statistic: word(&model.statistic, "Average")?.to_owned(),
            period_seconds: period(word(&model.period, "60s")?).ok()?,
        },
    };
    Some(SideQuery {
        id: model.id.known()?.clone(),
        source,
    })
}

/// The text, or `absent` for null; `None` while it is unknown.
fn word<'a>(value: &'a Attr<String>, absent: &'a str) -> Option<&'a str> {
    value.as_deref().or(Attr::Known(absent)).into_known()
}

fn time(value: &Attr<String>, default: &Attr<String>) -> Option<Duration> {
    duration::parse(or_default(value, default)?).ok()
}

fn count(value: &Attr<i64>, default: &Attr<i64>) -> Option<u32> {
    u32::try_from(*or_default(value, default)?).ok()
}

/// What values of dimensions may hold in braces.
const PLACEHOLDERS: [&str; 5] = [
    "new_target_group",
    "old_target_group",
    "load_balancer",
    "cluster",
    "service",
];

/// The names in braces that nothing stands for.
pub(super) fn unknown_placeholders(text: &str) -> Vec<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|after| after.split_once('}').map(|(name, _)| name))
        .filter(|name| !PLACEHOLDERS.contains(name))
        .collect()
}

/// The placeholders, for messages.
pub(super) fn placeholders() -> String {
    let names: Vec<_> = PLACEHOLDERS
        .iter()
        .map(|name| format!("`{{{name}}}`"))
        .collect();
    names.join(", ")
}

impl Predefined {
    /// The queries; the one that is judged is `result`. CloudWatch has no value where a count is zero, so
    /// errors are filled up, and no requests are no data. None for the word of another version.
    fn queries(&self) -> Option<Vec<SideQuery>> {
        let percent = |errors: &str| {
            vec![
                metric("errors", errors, "Sum"),
                metric("requests", "RequestCount", "Sum"),
                SideQuery {
                    id: "result".to_owned(),
                    source: SideSource::Expression("100 * FILL(errors, 0) / requests".to_owned()),
                },
            ]
        };
        let time = |statistic: &str| vec![metric("result", "TargetResponseTime", statistic)];
        Some(match self {
            Self::Target4xxPercent => percent("HTTPCode_Target_4XX_Count"),
            Self::Target5xxPercent => percent("HTTPCode_Target_5XX_Count"),
            Self::TargetConnectionErrors => vec![
                metric("errors", "TargetConnectionErrorCount", "Sum"),
                SideQuery {
                    id: "result".to_owned(),
                    source: SideSource::Expression("FILL(errors, 0)".to_owned()),
                },
            ],
            Self::TargetRequests => vec![metric("result", "RequestCount", "Sum")],
            Self::TargetResponseTimeAverage => time("Average"),
            Self::TargetResponseTimeP50 => time("p50"),
            Self::TargetResponseTimeP90 => time("p90"),
            Self::TargetResponseTimeP95 => time("p95"),
            Self::TargetResponseTimeP99 => time("p99"),
            Self::UnhealthyTargets => vec![metric("result", "UnHealthyHostCount", "Maximum")],
            Self::Unknown(_) => return None,
        })
    }
}

fn metric(id: &str, name: &str, statistic: &str) -> SideQuery {
    let dimensions = [
        ("LoadBalancer", "{load_balancer}"),
        ("TargetGroup", "{new_target_group}"),
    ];
    SideQuery {
        id: id.to_owned(),
        source: SideSource::Metric {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: name.to_owned(),
            dimensions: dimensions
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            statistic: statistic.to_owned(),
            period_seconds: 60,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blue_green_service::parse::is_query_id;

    #[test]
    fn placeholders_that_mean_nothing_are_found() {
        assert_eq!(
            unknown_placeholders("{new_target_group}/{cluster}"),
            [""; 0]
        );
        assert_eq!(
            unknown_placeholders("{green}-{service}-{x}"),
            ["green", "x"]
        );
        assert_eq!(unknown_placeholders("plain {"), [""; 0]);
    }

    #[test]
    fn predefined_metrics_are_judged_by_their_result() {
        for word in Predefined::WORDS {
            let queries = Predefined::parse(word).queries().unwrap();
            let judged = queries.iter().filter(|query| query.id == "result").count();
            assert_eq!(judged, 1, "{word}");
            assert!(queries.iter().all(|query| is_query_id(&query.id)));
        }
    }
}
