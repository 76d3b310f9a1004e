//! One call, from request to answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Either};
use hyper::body::{Body, Incoming};
use serde_json::{Value, json};
use switchyard_world::{ApiError, Service, World};

use crate::calls::{Call, CallLog};
use crate::clock;
use crate::control;
use crate::dataplane::{Plane, ProxyBody, is_for_a_proxy};
use crate::faults::{FaultPlan, Staleness, Trouble};
use crate::iam::{self, Access, caller_arn, denied};
use crate::lambda;
use crate::models::Models;
use crate::moto::Moto;
use crate::outside;
use crate::protocol::{Answer, Protocol, Refusal, unpacked};
use crate::route::{Destination, Route};
use crate::s3;
use crate::service::Owned;
use crate::stale::LastAnswers;
use crate::subnets;
use crate::time::WorldTime;

/// Operations that change nothing start with one of these.
const READS: [&str; 5] = ["Describe", "List", "Get", "BatchGet", "Search"];

fn is_read(operation: &str) -> bool {
    READS.iter().any(|read| operation.starts_with(read))
}

/// The connection is closed instead of an answer: the server drops it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("the fault plan closes this connection")]
pub(crate) struct Hangup;

/// What every connection of a lab shares.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) world: World,
    pub(crate) time: Arc<WorldTime>,
    pub(crate) faults: FaultPlan,
    pub(crate) calls: CallLog,
    pub(crate) moto: Moto,
    pub(crate) plane: Arc<Plane>,
    pub(crate) request_ids: AtomicU64,
    pub(crate) models: Option<Models>,
    pub(crate) last_answers: LastAnswers,
    pub(crate) access: Arc<Access>,
}

impl Front {
    /// Answers one HTTP request: a call, or one that only passes through.
    pub(crate) async fn handle(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Hangup> {
        let agent = request.headers().get(http::header::USER_AGENT);
        let is_provider = agent
            .and_then(|agent| agent.to_str().ok())
            .is_some_and(|agent| agent.contains("aws-sdk-rust"));
        let _in_flight = self.time.waiters().call(is_provider);
        if is_for_a_proxy(&request) {
            return self.plane.through_proxy(peer, request).await;
        }
        let answer = self.answer(request).await?;
        Ok(answer.map(Either::Left))
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Hangup> {
        let (parts, body) = request.into_parts();
        let whole = body.size_hint().exact() == Some(0);
        let body = if whole {
            Bytes::new()
        } else {
            body.collect().await.map_err(|_| Hangup)?.to_bytes()
        };
        if parts.uri.path() == "/_lab" || parts.uri.path().starts_with("/_lab/") {
            return Ok(control::answer(self, &parts, &body));
        }
        let readable = unpacked(&parts.headers, &body);
        let route = Route::of(&parts, &readable, &self.region);
        self.time.catch_up();
        let time = self.world.now().epoch_seconds();
        let trouble = self.faults.strike(&route.service, &route.operation);
        if let Some(Trouble::Latency(latency)) = trouble {
            clock::sleep(latency).await;
            self.time.catch_up();
        }
        let request_id = self.request_id();
        let result = match trouble.and_then(|trouble| refused(trouble, &route, &self.account)) {
            Some(refusal) => Err(refusal),
            None if trouble == Some(Trouble::Reset) => {
                self.log(&route, time, None, None);
                return Err(Hangup);
            }
            None => match iam::check(self, &route, &parts, &readable) {
                Ok(()) => {
                    let stale = match trouble {
                        Some(Trouble::Stale(stale)) => Some(stale),
                        Some(_) | None => None,
                    };
                    self.carry_out(&route, &parts, body, &request_id, stale)
                        .await
                }
                Err(refusal) => Err(refusal),
            },
        };
        let error = result.as_ref().err().map(|refusal| refusal.code.clone());
        let answer = result.unwrap_or_else(|refusal| route.protocol.refusal(&refusal, &request_id));
        if trouble == Some(Trouble::LostAnswer) {
            self.log(&route, time, None, error);
            return Err(Hangup);
        }
        self.log(&route, time, Some(answer.status().as_u16()), error);
        Ok(answer)
    }

    async fn carry_out(
        &self,
        route: &Route,
        parts: &http::request::Parts,
        body: Bytes,
        request_id: &str,
        stale: Option<Staleness>,
    ) -> Result<Answer, Refusal> {
        match route.destination {
            Destination::World(owned) => {
                let input = route.protocol.input(&unpacked(&parts.headers, &body))?;
                let output = self.read_or_write(owned, route, input, stale)?;
                Ok(route
                    .protocol
                    .success(&route.operation, &output, request_id))
            }
            Destination::CallerIdentity => {
                let output = caller_identity(&self.account);
                self.check_answer(route, Ok(&output));
                Ok(route
                    .protocol
                    .success(&route.operation, &output, request_id))
            }
            Destination::Unrecognised(owned) => Err(Refusal::new(
                400,
                owned.unknown_operation_code,
                format!("`{}` is no operation of {}", route.operation, owned.name),
            )),
            Destination::Moto => {
                if self.models.is_some() && matches!(route.protocol, Protocol::Json(_)) {
                    self.check_input(route, &route.protocol.input(&body)?)?;
                }
                if let Some(known) = lambda::answer(self, route, parts, &body).await {
                    let output = known?;
                    return Ok(route
                        .protocol
                        .success(&route.operation, &output, request_id));
                }
                if let Some(known) = outside::answer(self, route, &body) {
                    self.check_answer(route, known.as_ref());
                    let output = known?;
                    return Ok(route
                        .protocol
                        .success(&route.operation, &output, request_id));
                }
                let answer = self.moto.answer(route, parts, body).await?;
                iam::may_see(self, route, parts, answer.status())?;
                if route.service == "ec2" {
                    let (head, body) = answer.into_parts();
                    let bytes = whole(body).await;
                    subnets::learn(&self.world, &route.region, &route.operation, &bytes);
                    return Ok(Answer::from_parts(head, http_body_util::Full::new(bytes)));
                }
                if route.service == "s3" {
                    let (head, body) = answer.into_parts();
                    let bytes = s3::spelled(&route.operation, whole(body).await);
                    return Ok(Answer::from_parts(head, http_body_util::Full::new(bytes)));
                }
                Ok(answer)
            }
        }
    }

    /// Calls the world, or answers a stale read with what was true when it was asked before.
    fn read_or_write(
        &self,
        owned: &Owned,
        route: &Route,
        input: Value,
        stale: Option<Staleness>,
    ) -> Result<Value, Refusal> {
        if !self.faults.has_stale() {
            return self.call_world(owned, route, input);
        }
        if !is_read(&route.operation) {
            self.last_answers.before_write(route, &self.world);
            return self.call_world(owned, route, input);
        }
        match stale {
            Some(Staleness::LastAnswer) => {
                if let Some(before) = self.last_answers.find(route, &input) {
                    return Ok(before);
                }
            }
            Some(Staleness::BeforeWrite(lag)) => {
                if let Some(before) = self.last_answers.world_before(route, self.world.now(), lag) {
                    self.check_input(route, &input)?;
                    let (region, operation) = (&route.region, &route.operation);
                    let shown = before.call(owned.service, region, operation, input);
                    return shown.map_err(refusal);
                }
            }
            None => {}
        }
        let output = self.call_world(owned, route, input.clone())?;
        self.last_answers.keep(route, &input, &output);
        Ok(output)
    }

    /// Calls the world and tells whoever watches it that it may have changed.
    pub(crate) fn call_world(
        &self,
        owned: &Owned,
        route: &Route,
        input: Value,
    ) -> Result<Value, Refusal> {
        self.call_service(owned.service, route, input)
    }

    /// The same for a service whose calls are not all the world's.
    pub(crate) fn call_service(
        &self,
        service: Service,
        route: &Route,
        input: Value,
    ) -> Result<Value, Refusal> {
        self.check_input(route, &input)?;
        let (region, operation) = (route.region.as_str(), route.operation.as_str());
        let result = self.world.call(service, region, operation, input);
        if !is_read(operation) {
            self.time.touch();
        }
        let result = result.map_err(refusal);
        self.check_answer(route, result.as_ref());
        result
    }

    /// Refuses what AWS's model of the operation does not allow, if models are there.
    fn check_input(&self, route: &Route, input: &Value) -> Result<(), Refusal> {
        match &self.models {
            Some(models) => {
                models.check_input(&route.service, &route.operation, route.protocol, input)
            }
            None => Ok(()),
        }
    }

    /// Notes where an answer is not what AWS's model of the operation says, if models are there.
    fn check_answer(&self, route: &Route, answer: Result<&Value, &Refusal>) {
        if let Some(models) = &self.models {
            models.check_answer(&route.service, &route.operation, route.protocol, answer);
        }
    }

    /// A request id that is unique in this lab; shaped like AWS's.
    fn request_id(&self) -> String {
        let number = self.request_ids.fetch_add(1, Ordering::Relaxed);
        format!("5e17c47a-0000-4000-8000-{number:012x}")
    }

    fn log(&self, route: &Route, time: f64, status: Option<u16>, error: Option<String>) {
        self.calls.record(Call {
            number: 0,
            service: route.service.clone(),
            region: route.region.clone(),
            operation: route.operation.clone(),
            time,
            status,
            error,
        });
    }
}

/// The refusal a fault asks for instead of carrying the call out.
fn refused(trouble: Trouble, route: &Route, account: &str) -> Option<Refusal> {
    let throttle_code = match route.destination {
        Destination::World(owned) | Destination::Unrecognised(owned) => owned.throttle_code,
        Destination::CallerIdentity | Destination::Moto => "Throttling",
    };
    match trouble {
        Trouble::Throttle => Some(Refusal::new(400, throttle_code, "Rate exceeded")),
        Trouble::InternalError => Some(Refusal::new(
            500,
            "InternalFailure",
            "The request processing has failed because of an unknown error, exception or failure.",
        )),
        Trouble::Unavailable => Some(Refusal::new(
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        )),
        Trouble::Denied => Some(denied(route, account)),
        Trouble::ExpiredToken => Some(expired(route)),
        Trouble::Latency(_) | Trouble::Reset | Trouble::LostAnswer | Trouble::Stale(_) => None,
    }
}

fn refusal(error: ApiError) -> Refusal {
    let ApiError {
        code,
        message,
        status,
        fields,
    } = error;
    Refusal {
        status,
        code,
        message,
        fields,
    }
}

/// What AWS says when temporary credentials are too old.
fn expired(route: &Route) -> Refusal {
    match route.protocol {
        Protocol::Ec2Query => Refusal::new(400, "RequestExpired", "Request has expired."),
        Protocol::RestXml => Refusal::new(400, "ExpiredToken", "The provided token has expired."),
        protocol @ (Protocol::Json(_)
        | Protocol::Query { .. }
        | Protocol::RpcV2Cbor
        | Protocol::RestJson) => Refusal::new(
            protocol.denied_status(),
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
    }
}

fn caller_identity(account: &str) -> Value {
    json!({
        "Account": account,
        "Arn": caller_arn(account),
        "UserId": "AIDASWITCHYARDLAB0000",
    })
}

/// The bytes of a body that is already in memory.
async fn whole(body: http_body_util::Full<Bytes>) -> Bytes {
    match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(never) => match never {},
    }
}
