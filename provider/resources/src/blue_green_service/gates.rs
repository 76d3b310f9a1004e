//! Gates: from the model to the engine's terms, and the small languages in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use switchyard_engine::gate::{
    Area, Check, Condition, Expectation, Gate, GateClass, Gates, HttpCheck, Inconclusive,
    MetricCheck, MissingData, Operator, ProbeTarget, SideQuery, SideSource, When,
};
use tfplugin::value::{Attr, Number};

use super::model::{
    GateModel, HttpModel, MetricModel, Model, QueryModel, TextMap, TextSet, known_map, known_set,
    whole_list,
};
use super::strategy;
use crate::duration;

/// All gates; `None` while something in them is unknown.
pub(super) fn gates(model: &Model) -> Option<Gates> {
    let list = whole_list(&model.gate)?.into_iter().map(gate);
    let list = list.collect::<Option<_>>()?;
    let (minimum_score, minimum_pass_rate) = match &model.health_score {
        Attr::Null => (None, None),
        Attr::Unknown => return None,
        Attr::Known(score) => (
            Some(count(score.minimum, 70)?),
            Some(count(score.pass_rate, 90)?),
        ),
    };
    Some(Gates {
        list,
        minimum_score,
        minimum_pass_rate,
    })
}

/// One gate; `None` while something in it is unknown or not valid.
pub(super) fn gate(model: &GateModel) -> Option<Gate> {
    let class = match word(&model.class, "smoke")? {
        "api" => GateClass::Api,
        "integration" => GateClass::Integration,
        "performance" => GateClass::Performance,
        _ => GateClass::Smoke,
    };
    Some(Gate {
        name: model.name.known()?.clone(),
        class,
        area: match word(&model.area, "basic")? {
            "business" => Area::Business,
            "performance" => Area::Performance,
            _ => Area::Basic,
        },
        when: moments(&model.when)?,
        check: match (&model.http, &model.metric) {
            (Attr::Known(http), Attr::Null) => Check::Http(http_check(http, class)?),
            (Attr::Null, Attr::Known(metric)) => Check::Metric(metric_check(metric)?),
            _ => return None,
        },
        observe_only: flag(model.observe_only)?,
        on_inconclusive: match word(&model.on_inconclusive, "fail")? {
            "pass" => Inconclusive::Pass,
            _ => Inconclusive::Fail,
        },
        time_limit: time(&model.time_limit, "5m")?,
    })
}

/// The moments of a gate, if all of them are known.
pub(super) fn moments(when: &TextSet) -> Option<BTreeSet<When>> {
    let words = known_set(when)?;
    words.iter().map(|word| moment(word)).collect()
}

fn moment(word: &str) -> Option<When> {
    match word {
        "after" => Some(When::After),
        "bake" => Some(When::Bake),
        "before_traffic" => Some(When::BeforeTraffic),
        "step" => Some(When::Step),
        _ => None,
    }
}

fn http_check(model: &HttpModel, class: GateClass) -> Option<HttpCheck> {
    let target = match (model.url.as_deref(), model.target.as_deref()) {
        (Attr::Known(url), Attr::Null) => ProbeTarget::Url(url.to_owned()),
        (Attr::Null, Attr::Known("new_targets")) => ProbeTarget::NewTargets,
        (Attr::Null, Attr::Known("test_listener")) => ProbeTarget::TestListener,
        _ => return None,
    };
    let by_class = match class {
        GateClass::Smoke => "10s",
        GateClass::Api => "15s",
        GateClass::Integration => "30s",
        GateClass::Performance => "60s",
    };
    Some(HttpCheck {
        target,
        path: word(&model.path, "/")?.to_owned(),
        method: word(&model.method, "GET")?.to_owned(),
        headers: entries(&model.headers)?,
        body: optional(&model.body, |text| Some(text.to_owned()))?,
        expect: Expectation {
            status: match &model.status {
                Attr::Null => Vec::new(),
                status => known_set(status)?
                    .iter()
                    .map(|text| status_range(text).ok())
                    .collect::<Option<_>>()?,
            },
            body_contains: optional(&model.body_contains, |text| Some(text.to_owned()))?,
            json: entries(&model.json)?
                .into_iter()
                .map(|(pointer, text)| Some((pointer, serde_json::from_str(&text).ok()?)))
                .collect::<Option<_>>()?,
            latency: optional(&model.latency, |text| duration::parse_precise(text).ok())?,
        },
        timeout: duration::parse_precise(word(&model.timeout, by_class)?).ok()?,
        consecutive_passes: count(model.consecutive_passes, 3)?,
        attempts: count(model.attempts, 5)?,
        interval: time(&model.interval, "5s")?,
    })
}

fn metric_check(model: &MetricModel) -> Option<MetricCheck> {
    let (queries, only) = match (model.predefined.as_deref(), &model.queries) {
        (Attr::Known(word), Attr::Null) => {
            let known = Predefined::ALL.iter().find(|known| known.word() == word)?;
            (known.queries(), "result".to_owned())
        }
        (Attr::Null, Attr::Known(_)) => {
            let queries = whole_list(&model.queries)?.into_iter().map(query);
            let queries = queries.collect::<Option<Vec<_>>>()?;
            let only = queries.first()?.id.clone();
            (queries, only)
        }
        _ => return None,
    };
    Some(MetricCheck {
        queries,
        result: word(&model.result, &only)?.to_owned(),
        success: optional(&model.success_when, |text| condition(text).ok())?,
        failure: optional(&model.failure_when, |text| condition(text).ok())?,
        compare_percent: match &model.compare_percent {
            Attr::Null => None,
            Attr::Unknown => return None,
            Attr::Known(percent) => Some(strategy::f64_of(percent)?),
        },
        interval: time(&model.interval, "60s")?,
        initial_delay: time(&model.initial_delay, "0s")?,
        failure_limit: count(model.failure_limit, 0)?,
        consecutive_successes: count(model.consecutive_successes, 1)?,
        no_data: missing(&model.no_data)?,
        not_a_number: missing(&model.not_a_number)?,
        minimum_requests: match model.minimum_requests {
            Attr::Null => None,
            requests => Some(count(requests, 0)?),
        },
    })
}

fn query(model: &QueryModel) -> Option<SideQuery> {
    let source = match &model.expression {
        Attr::Unknown => return None,
        Attr::Known(expression) => SideSource::Expression(expression.clone()),
        Attr::Null => SideSource::Metric {
            namespace: model.namespace.known()?.clone(),
            name: model.name.known()?.clone(),
            dimensions: entries(&model.dimensions)?,
            statistic: word(&model.statistic, "Average")?.to_owned(),
            period_seconds: period(word(&model.period, "60s")?).ok()?,
        },
    };
    Some(SideQuery {
        id: model.id.known()?.clone(),
        source,
    })
}

fn missing(value: &Attr<String>) -> Option<MissingData> {
    Some(match word(value, "inconclusive")? {
        "fail" => MissingData::Fail,
        "pass" => MissingData::Pass,
        _ => MissingData::Inconclusive,
    })
}

/// The text, or `default` for null; `None` while it is unknown.
fn word<'a>(value: &'a Attr<String>, default: &'a str) -> Option<&'a str> {
    match value.as_deref() {
        Attr::Null => Some(default),
        Attr::Unknown => None,
        Attr::Known(text) => Some(text),
    }
}

fn optional<T>(value: &Attr<String>, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match value.as_deref() {
        Attr::Null => Some(None),
        Attr::Unknown => None,
        Attr::Known(text) => read(text).map(Some),
    }
}

fn entries(map: &TextMap) -> Option<BTreeMap<String, String>> {
    known_map(map)
}

fn time(value: &Attr<String>, default: &str) -> Option<Duration> {
    duration::parse(word(value, default)?).ok()
}

fn flag(value: Attr<bool>) -> Option<bool> {
    match value {
        Attr::Null => Some(false),
        Attr::Unknown => None,
        Attr::Known(flag) => Some(flag),
    }
}

fn count(value: Attr<i64>, default: u32) -> Option<u32> {
    match value {
        Attr::Null => Some(default),
        Attr::Unknown => None,
        Attr::Known(number) => u32::try_from(number).ok(),
    }
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
            "`{text}` is neither. Write one code, such as \"204\", or the first and the last one, such as \"200-299\"."
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
        Some((operator, strategy::f64_of(&number)?))
    });
    match number {
        Some((operator, value)) if value.is_finite() => Ok(Condition { operator, value }),
        Some(_) | None => Err(format!(
            "`{text}` is none. Write one of <, <=, > and >= and a number, such as \"<= 1\"."
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
            "CloudWatch has no values for periods of `{text}`: it takes 1, 5, 10, 20 and 30 seconds, and whole \
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

/// Ready-made queries about the new revision's target group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predefined {
    Target4xxPercent,
    Target5xxPercent,
    TargetConnectionErrors,
    TargetRequests,
    TargetResponseTimeAverage,
    TargetResponseTimeP50,
    TargetResponseTimeP90,
    TargetResponseTimeP95,
    TargetResponseTimeP99,
    UnhealthyTargets,
}

impl Predefined {
    pub(super) const ALL: [Self; 10] = [
        Self::Target4xxPercent,
        Self::Target5xxPercent,
        Self::TargetConnectionErrors,
        Self::TargetRequests,
        Self::TargetResponseTimeAverage,
        Self::TargetResponseTimeP50,
        Self::TargetResponseTimeP90,
        Self::TargetResponseTimeP95,
        Self::TargetResponseTimeP99,
        Self::UnhealthyTargets,
    ];

    /// The word users write.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Target4xxPercent => "target_4xx_percent",
            Self::Target5xxPercent => "target_5xx_percent",
            Self::TargetConnectionErrors => "target_connection_errors",
            Self::TargetRequests => "target_requests",
            Self::TargetResponseTimeAverage => "target_response_time_average",
            Self::TargetResponseTimeP50 => "target_response_time_p50",
            Self::TargetResponseTimeP90 => "target_response_time_p90",
            Self::TargetResponseTimeP95 => "target_response_time_p95",
            Self::TargetResponseTimeP99 => "target_response_time_p99",
            Self::UnhealthyTargets => "unhealthy_targets",
        }
    }

    /// The queries; the one that is judged is `result`. CloudWatch has no value where a count is zero, so
    /// errors are filled up, and no requests are no data.
    fn queries(self) -> Vec<SideQuery> {
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
        match self {
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
        }
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
        for known in Predefined::ALL {
            let queries = known.queries();
            let judged = queries.iter().filter(|query| query.id == "result").count();
            assert_eq!(judged, 1, "{}", known.word());
            assert!(queries.iter().all(|query| is_query_id(&query.id)));
        }
    }
}
