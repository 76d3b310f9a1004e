//! Gates: from the model to the engine's terms.

use std::collections::BTreeMap;
use std::time::Duration;

use switchyard_engine::gate::{
    Area, Check, Expectation, Flow, Gate, GateClass, Gates, HttpCheck, InvokeCheck, MetricCheck,
    ProbeTarget, SideQuery, SideSource,
};
use tfplugin::value::Attr;

use super::model::{GateModel, HttpModel, InvokeModel, MetricModel, Model};
use super::rules::function_name;
use super::words::Predefined;
use crate::blue_green_service::parse::{condition, status_range};
use crate::blue_green_service::{
    MethodWord, TextMap, known_map, known_set, or_default, whole_list,
};
use crate::duration;

/// Seconds of a period of CloudWatch, as Lambda publishes them.
const PERIOD_SECONDS: u32 = 60;

/// All gates; `None` while something in them is unknown or not valid.
pub(super) fn gates(model: &Model) -> Option<Gates> {
    let all = whole_list(&model.gate)?.into_iter();
    Some(Gates {
        list: all.map(|gate| one(model, gate)).collect::<Option<_>>()?,
        minimum_score: None,
        minimum_pass_rate: None,
    })
}

fn one(model: &Model, gate: &GateModel) -> Option<Gate> {
    let default = GateModel::defaults();
    let when = known_set(&gate.when)?;
    Some(Gate {
        name: gate.name.known()?.clone(),
        // Neither counts here: there is no score, and every time-out is written or has a default.
        class: GateClass::Smoke,
        area: Area::Basic,
        when: when
            .iter()
            .map(super::words::WhenWord::engine)
            .collect::<Option<_>>()?,
        check: check(model, gate)?,
        observe_only: *or_default(&gate.observe_only, &default.observe_only)?,
        on_inconclusive: or_default(&gate.on_inconclusive, &default.on_inconclusive)?.engine()?,
        time_limit: time(&gate.time_limit, &default.time_limit)?,
        flow: Flow::default(),
        pair: None,
    })
}

/// How many kinds of checks a gate has; `None` while that is not known.
pub(super) fn kinds(gate: &GateModel) -> Option<usize> {
    fn count<T>(block: &Attr<T>) -> Option<usize> {
        match block {
            Attr::Known(_) => Some(1),
            Attr::Null => Some(0),
            Attr::Unknown => None,
        }
    }
    Some(count(&gate.invoke)? + count(&gate.metric)? + count(&gate.http)?)
}

fn check(model: &Model, gate: &GateModel) -> Option<Check> {
    if kinds(gate) != Some(1) {
        return None;
    }
    Some(match (&gate.invoke, &gate.metric, &gate.http) {
        (Attr::Known(invoke), _, _) => Check::Invoke(invoke_check(model, invoke)?),
        (_, Attr::Known(metric), _) => Check::Metric(metric_check(model, metric)?),
        (_, _, Attr::Known(http)) => Check::Http(http_check(http)?),
        _ => return None,
    })
}

fn invoke_check(model: &Model, invoke: &InvokeModel) -> Option<InvokeCheck> {
    let default = InvokeModel::defaults();
    let payload = invoke
        .payload
        .settled(|text| serde_json::from_str(text).ok())?;
    let (function, version) = (
        model.function_name.known()?,
        model.function_version.known()?,
    );
    Some(InvokeCheck {
        function: format!("{function}:{version}"),
        payload: payload.unwrap_or_else(|| serde_json::json!({})),
        expect: Expectation {
            body_contains: invoke.body_contains.settled(|text| Some(text.clone()))?,
            json: json(&invoke.json)?,
            ..Expectation::default()
        },
        timeout: time(&invoke.timeout, &default.timeout)?,
        attempts: count(&invoke.attempts, &default.attempts)?,
    })
}

fn metric_check(model: &Model, metric: &MetricModel) -> Option<MetricCheck> {
    let default = MetricModel::defaults();
    let queries = match &metric.predefined {
        Attr::Unknown => return None,
        Attr::Known(word) => predefined(model, word)?,
        Attr::Null => vec![SideQuery {
            id: RESULT.to_owned(),
            source: SideSource::Metric {
                namespace: metric.namespace.known()?.clone(),
                name: metric.name.known()?.clone(),
                dimensions: known_map(&metric.dimensions)?,
                statistic: metric
                    .statistic
                    .settled(|text| Some(text.clone()))?
                    .unwrap_or_else(|| "Average".to_owned()),
                period_seconds: PERIOD_SECONDS,
            },
        }],
    };
    Some(MetricCheck {
        queries,
        result: RESULT.to_owned(),
        anomaly: None,
        success: metric.success_when.settled(|text| condition(text).ok())?,
        failure: metric.failure_when.settled(|text| condition(text).ok())?,
        compare_percent: None,
        interval: time(&metric.interval, &default.interval)?,
        initial_delay: Duration::ZERO,
        failure_limit: count(&metric.failure_limit, &default.failure_limit)?,
        consecutive_successes: count(
            &metric.consecutive_successes,
            &default.consecutive_successes,
        )?,
        no_data: or_default(&metric.no_data, &default.no_data)?.engine()?,
        not_a_number: or_default(&metric.no_data, &default.no_data)?.engine()?,
        minimum_requests: None,
    })
}

/// Id of the query that is judged.
const RESULT: &str = "result";

/// Queries about the new version behind the alias; the one that is judged is [`RESULT`]. CloudWatch has no value where a count
/// is zero, so errors are filled up, and no calls are no data.
fn predefined(model: &Model, word: &Predefined) -> Option<Vec<SideQuery>> {
    let function = function_name(model.function_name.known()?);
    let alias = model.name.known()?;
    let version = model.function_version.known()?;
    let metric = |id: &str, name: &str, statistic: &str| {
        let dimensions = [
            ("FunctionName", function.to_owned()),
            ("Resource", format!("{function}:{alias}")),
            ("ExecutedVersion", version.clone()),
        ];
        SideQuery {
            id: id.to_owned(),
            source: SideSource::Metric {
                namespace: "AWS/Lambda".to_owned(),
                name: name.to_owned(),
                dimensions: dimensions
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<BTreeMap<_, _>>(),
                statistic: statistic.to_owned(),
                period_seconds: PERIOD_SECONDS,
            },
        }
    };
    let of = |text: &str| SideQuery {
        id: RESULT.to_owned(),
        source: SideSource::Expression(text.to_owned()),
    };
    Some(match word {
        Predefined::ErrorPercent => vec![
            metric("errors", "Errors", "Sum"),
            metric("calls", "Invocations", "Sum"),
            of("100 * FILL(errors, 0) / calls"),
        ],
        Predefined::Errors => vec![metric("errors", "Errors", "Sum"), of("FILL(errors, 0)")],
        Predefined::Throttles => vec![
            metric("throttles", "Throttles", "Sum"),
            of("FILL(throttles, 0)"),
        ],
        Predefined::Invocations => vec![metric(RESULT, "Invocations", "Sum")],
        Predefined::DurationAverage => vec![metric(RESULT, "Duration", "Average")],
        Predefined::DurationP95 => vec![metric(RESULT, "Duration", "p95")],
        Predefined::DurationP99 => vec![metric(RESULT, "Duration", "p99")],
        Predefined::Unknown(_) => return None,
    })
}

fn http_check(http: &HttpModel) -> Option<HttpCheck> {
    let default = HttpModel::defaults();
    Some(HttpCheck {
        target: ProbeTarget::Url(http.url.known()?.clone()),
        path: "/".to_owned(),
        method: match or_default(&http.method, &default.method)? {
            MethodWord::Unknown(_) => return None,
            method => method.to_string(),
        },
        headers: BTreeMap::new(),
        body: http.body.settled(|text| Some(text.clone()))?,
        expect: Expectation {
            status: match &http.status {
                Attr::Null => Vec::new(),
                status => known_set(status)?
                    .iter()
                    .map(|text| status_range(text).ok())
                    .collect::<Option<_>>()?,
            },
            body_contains: http.body_contains.settled(|text| Some(text.clone()))?,
            json: json(&http.json)?,
            latency: http
                .latency
                .settled(|text| duration::parse_precise(text).ok())?,
        },
        timeout: duration::parse_precise(or_default(&http.timeout, &default.timeout)?).ok()?,
        consecutive_passes: count(&http.consecutive_passes, &default.consecutive_passes)?,
        attempts: count(&http.attempts, &default.attempts)?,
        retry_delay: http
            .retry_delay
            .settled(|text| duration::parse(text).ok())?,
        interval: time(&http.interval, &default.interval)?,
        load: None,
    })
}

fn json(map: &TextMap) -> Option<BTreeMap<String, serde_json::Value>> {
    let texts = known_map(map)?.into_iter();
    texts
        .map(|(pointer, text)| Some((pointer, serde_json::from_str(&text).ok()?)))
        .collect()
}

fn time(value: &Attr<String>, default: &Attr<String>) -> Option<Duration> {
    duration::parse(or_default(value, default)?).ok()
}

fn count(value: &Attr<i64>, default: &Attr<i64>) -> Option<u32> {
    u32::try_from(*or_default(value, default)?).ok()
}
