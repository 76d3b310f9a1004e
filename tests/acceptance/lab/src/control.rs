//! The lab's own paths under `/_lab/`: time, faults, calls, the data plane.

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::front::Front;
use crate::protocol::{Answer, JsonVersion, Protocol, Refusal, query};
use crate::route::{Destination, Route};
use crate::service;
use crate::time::Pace;
use crate::view;

/// Longest time one advance may skip: a hundred years.
const LONGEST_ADVANCE_SECONDS: f64 = 100.0 * 365.0 * 86_400.0;

/// What the paths are, for whoever asks for another.
const PATHS: &str = "GET /_lab/ (a page), GET /_lab/view, GET /_lab/state, POST /_lab/advance, GET|POST|DELETE /_lab/faults, GET|DELETE /_lab/calls, \
                     GET /_lab/listeners, GET /_lab/tasks, POST /_lab/call, GET /_lab/environment";

/// A call in the lab's own JSON form (`POST /_lab/call`, seed files).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCall {
    /// `ecs`, `elbv2`, `codedeploy`, `application-autoscaling` or `cloudwatch`.
    pub service: String,
    /// The operation's name.
    pub operation: String,
    /// Its input, in AWS's member names.
    #[serde(default = "empty")]
    pub input: Value,
    /// The region; the lab's own by default.
    #[serde(default)]
    pub region: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

fn empty() -> Value {
    json!({})
}

/// Answers a request under `/_lab/`.
pub(crate) fn answer(front: &Front, parts: &Parts, body: &[u8]) -> Answer {
    if (&parts.method, parts.uri.path()) == (&Method::GET, "/_lab/") {
        return page();
    }
    let path = parts.uri.path().trim_end_matches('/');
    if (&parts.method, path) == (&Method::GET, "/_lab/environment") {
        return environment(front, parts);
    }
    let result = match (&parts.method, path) {
        (&Method::GET, "/_lab" | "/_lab/state") => Ok(state(front)),
        (&Method::GET, "/_lab/view") => Ok(view(front)),
        (&Method::POST, "/_lab/advance") => advance(front, body),
        (&Method::GET, "/_lab/faults") => Ok(faults(front)),
        (&Method::POST, "/_lab/faults") => parse::<Vec<Fault>>(body).map(|plan| {
            front.faults.add(plan);
            faults(front)
        }),
        (&Method::DELETE, "/_lab/faults") => {
            front.faults.clear();
            Ok(faults(front))
        }
        (&Method::GET, "/_lab/calls") => Ok(calls(front, parts)),
        (&Method::DELETE, "/_lab/calls") => {
            front.calls.clear();
            Ok(json!({ "total": 0, "counts": {} }))
        }
        (&Method::GET, "/_lab/listeners") => front
            .plane
            .open_listeners()
            .map(|listeners| json!({ "listeners": listeners }))
            .map_err(|error| Refusal::new(500, "LabError", error.to_string())),
        (&Method::GET, "/_lab/tasks") => front
            .plane
            .open_tasks()
            .map(|tasks| json!({ "tasks": tasks }))
            .map_err(|error| Refusal::new(500, "LabError", error.to_string())),
        (&Method::POST, "/_lab/call") => parse::<SeedCall>(body).and_then(|call| seed(front, call)),
        (method, path) => Err(Refusal::new(
            404,
            "NoSuchPath",
            format!("the lab has no {method} {path}; it has {PATHS}"),
        )),
    };
    match result {
        Ok(value) => json_answer(StatusCode::OK, &value),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
            let error =
                json!({ "code": refusal.code, "error": refusal.message, "fields": refusal.fields });
            json_answer(status, &error)
        }
    }
}

/// Carries out a call that comes in the lab's own form.
pub(crate) fn seed(front: &Front, call: SeedCall) -> Result<Value, Refusal> {
    if call.service == "lambda" {
        return seed_lambda(front, call);
    }
    let owned = service::named(&call.service).ok_or_else(|| {
        Refusal::new(
            400,
            "UnknownService",
            format!("the lab owns no service `{}`; it owns ecs, elbv2, codedeploy, application-autoscaling and cloudwatch, and aliases of lambda", call.service),
        )
    })?;
    front.time.catch_up();
    let route = Route {
        destination: Destination::World(owned),
        service: owned.name.to_owned(),
        region: call.region.unwrap_or_else(|| front.region.clone()),
        operation: call.operation,
        protocol: Protocol::Json(JsonVersion::V1_1),
        access_key: None,
    };
    front.call_world(owned, &route, call.input)
}

/// The same for aliases of Lambda, of which the lab owns no more.
fn seed_lambda(front: &Front, call: SeedCall) -> Result<Value, Refusal> {
    front.time.catch_up();
    let route = Route {
        destination: Destination::Moto,
        service: call.service,
        region: call.region.unwrap_or_else(|| front.region.clone()),
        operation: call.operation,
        protocol: Protocol::RestJson,
        access_key: None,
    };
    front.call_service(switchyard_world::Service::Lambda, &route, call.input)
}

fn state(front: &Front) -> Value {
    front.time.catch_up();
    let time_scale = match front.time.pace() {
        Pace::Paused => json!(0),
        Pace::Scaled(scale) => json!(scale),
        Pace::Waited => json!("waited"),
    };
    let moto = match front.moto.port() {
        None => json!("busy"),
        Some(None) => json!("not started"),
        Some(Some(port)) => json!({ "port": port }),
    };
    json!({
        "status": "ok",
        "account": front.account,
        "region": front.region,
        "time": front.world.now().epoch_seconds(),
        "time_scale": time_scale,
        "next_event": front.world.next_event().map(|moment| moment.epoch_seconds()),
        "calls": front.calls.total(),
        "moto": moto,
    })
}

fn advance(front: &Front, body: &[u8]) -> Result<Value, Refusal> {
    let Advance { seconds } = parse(body)?;
    if !(0.0..=LONGEST_ADVANCE_SECONDS).contains(&seconds) {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "`seconds` must lie between 0 and 100 years",
        ));
    }
    front.time.advance(Duration::from_secs_f64(seconds));
    Ok(json!({ "time": front.world.now().epoch_seconds() }))
}

fn faults(front: &Front) -> Value {
    let entries: Vec<Value> = front
        .faults
        .report()
        .into_iter()
        .map(|(fault, seen)| json!({ "fault": fault, "matching_calls": seen }))
        .collect();
    json!({ "faults": entries })
}

fn calls(front: &Front, parts: &Parts) -> Value {
    let form = query::form(parts.uri.query().unwrap_or_default().as_bytes());
    let mut report = json!({ "total": front.calls.total(), "counts": front.calls.counts() });
    if query::field(&form, "log").is_some_and(|value| value != "0")
        && let Some(report) = report.as_object_mut()
    {
        report.insert("log".to_owned(), json!(front.calls.in_order()));
    }
    report
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(
            400,
            "BadRequest",
            format!("the body is not what this path takes: {error}"),
        )
    })
}

/// See [`crate::Lab::time_origin`].
pub(crate) fn time_origin(front: &Front) -> Option<String> {
    let origin = front.time.origin_of_pace()?;
    let origin = jiff::Timestamp::from_millisecond(origin.millis()).ok()?;
    Some(origin.to_string())
}

/// The variables with which Terraform's providers find the lab and keep its time, for `eval` in a shell.
fn environment(front: &Front, parts: &Parts) -> Answer {
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        // It is evaluated by a shell.
        .filter(|host| {
            host.chars()
                .all(|c| c.is_ascii_alphanumeric() || "[].:-".contains(c))
        });
    let Some(host) = host else {
        let error = json!({ "code": "NoHost", "error": "the request names no host", "fields": {} });
        return json_answer(StatusCode::BAD_REQUEST, &error);
    };
    let mut lines = vec![
        format!("export AWS_ENDPOINT_URL=http://{host}"),
        format!("export AWS_REGION={}", front.region),
        "export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab".to_owned(),
        format!("export SWITCHYARD_PROBE_PROXY=http://{host}"),
    ];
    match front.time.pace() {
        Pace::Paused | Pace::Waited => {}
        Pace::Scaled(scale) => lines.push(format!("export SWITCHYARD_TIME_SCALE={scale}")),
    }
    if let Some(origin) = time_origin(front) {
        lines.push(format!("export SWITCHYARD_TIME_ORIGIN={origin}"));
    }
    let text = lines.join("\n") + "\n";
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}

/// What the live view shows.
fn view(front: &Front) -> Value {
    let read = |service: &str, operation: &str, input: Value| {
        let call = SeedCall {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input,
            region: None,
        };
        seed(front, call).ok()
    };
    let mut view = state(front);
    if let Some(view) = view.as_object_mut() {
        view.insert("services".to_owned(), json!(view::services(&read)));
        view.insert("faults".to_owned(), faults(front)["faults"].take());
    }
    view
}

/// The live view.
fn page() -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(view::PAGE.as_bytes())));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, view::POLICY),
    ] {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

fn json_answer(status: StatusCode, value: &Value) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(value.to_string())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer
}
