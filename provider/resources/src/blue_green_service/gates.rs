//! Gates: from the model to the engine's terms, and the small languages in them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use switchyard_engine::gate::{
    Check, CommandCheck, Condition, ConnectCheck, DependencyCheck, Expectation, Flow,
    FunctionCheck, Gate, GateClass, Gates, HttpCheck, Load, MetricCheck, MomentKind, OnFailure,
    Operator, ProbeTarget, SideQuery, SideSource, TlsCheck,
};
use switchyard_engine::{DeploymentRecord, GateVerdict};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Number};

use super::model::{
    CommandModel, DependencyModel, FunctionModel, GateModel, HealthScoreModel, HttpModel,
    LoadModel, MetricModel, Model, QueryModel, SetOf, TcpModel, TlsModel, known_map, known_set,
    or_default, whole_list,
};
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
    Some(MetricCheck {
        queries,
        result: word(&model.result, &only)?.to_owned(),
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

/// A status code (`204`) or a range (`200-299`).
///
/// # Errors
/// Everything else, and codes outside of 100–599.
pub(super) fn status_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let code = |text: &str| {
        text.parse::<u16>()
            .ok()
            .filter(|code| (100..=599).contains(code))
    };
    match (code(first), code(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(format!(
            "`{text}` is not a status code or a range. Write one code, such as \"204\", or the first and the last \
             one, such as \"200-299\"."
        )),
    }
}

/// A comparison: `<= 1`, `> 5.5`.
///
/// # Errors
/// Everything else.
pub(super) fn condition(text: &str) -> Result<Condition, String> {
    let trimmed = text.trim();
    let operators = [
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        (">", Operator::Above),
        ("<", Operator::Below),
    ];
    let found = operators
        .into_iter()
        .find_map(|(sign, operator)| Some((operator, trimmed.strip_prefix(sign)?)));
    let number = found.and_then(|(operator, rest)| {
        let number: Number = rest.trim().parse().ok()?;
        Some((operator, number.nearest_f64()?))
    });
    match number {
        Some((operator, value)) if value.is_finite() => Ok(Condition { operator, value }),
        Some(_) | None => Err(format!(
            "`{text}` is not a comparison. Write one of <, <=, > and >= and a number, such as \"<= 1\"."
        )),
    }
}

/// A period of CloudWatch in seconds.
///
/// # Errors
/// What is no duration, or none that CloudWatch takes.
pub(super) fn period(text: &str) -> Result<u32, String> {
    let seconds = duration::parse(text)
        .map_err(|error| error.to_string())?
        .as_secs();
    let fits =
        matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds.is_multiple_of(60));
    match u32::try_from(seconds) {
        Ok(seconds) if fits && seconds <= 86_400 => Ok(seconds),
        Ok(_) | Err(_) => Err(format!(
            "CloudWatch has no values for periods of `{text}`: it accepts 1, 5, 10, 20 and 30 seconds, and whole \
             minutes up to a day."
        )),
    }
}

/// Whether CloudWatch takes it as the id of a query.
pub(super) fn is_query_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 255
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
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

    #[test]
    fn status_codes_are_single_or_ranges() {
        assert_eq!(status_range("204"), Ok(204..=204));
        assert_eq!(status_range("200-299"), Ok(200..=299));
        for text in ["", "abc", "299-200", "99", "600", "200-", "2xx"] {
            assert!(status_range(text).is_err(), "{text}");
        }
    }

    #[test]
    fn conditions_are_a_sign_and_a_number() {
        for (text, operator, value) in [
            ("<= 1", Operator::AtMost, 1.0),
            ("<0.5", Operator::Below, 0.5),
            (" >= 10 ", Operator::AtLeast, 10.0),
            ("> -3", Operator::Above, -3.0),
        ] {
            assert_eq!(condition(text), Ok(Condition { operator, value }), "{text}");
        }
        for text in ["", "1", "= 1", "<= one", "<=", "=< 1", "<= NaN", "<= inf"] {
            assert!(condition(text).is_err(), "{text}");
        }
    }

    #[test]
    fn periods_are_those_of_cloudwatch() {
        assert_eq!(period("60s"), Ok(60));
        assert_eq!(period("5m"), Ok(300));
        assert_eq!(period("10s"), Ok(10));
        for text in ["0s", "45s", "61s", "25h", "soon"] {
            assert!(period(text).is_err(), "{text}");
        }
    }

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
