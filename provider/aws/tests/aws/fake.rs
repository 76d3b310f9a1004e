//! A scripted HTTP server and a connection to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::{Decoder, Encoder};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchyard_aws::{AccessKeys, Aws, AwsConfig, Environment};
use switchyard_engine::ports::{
    Clock, ConnectRequest, Connected, Inspection, Ports, ProbeFailure, ProbeRequest, ProbeResponse,
    Probes,
};
use tokio::net::TcpListener;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The operation of a JSON protocol call.
    pub(crate) fn target(&self) -> &str {
        self.headers.get("x-amz-target").map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The form fields of a query protocol call, version left out.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        let text = String::from_utf8(self.body.clone()).unwrap();
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        let pairs = pairs.map(|(key, value)| {
            (
                key.to_owned(),
                value.replace("%3A", ":").replace("%2F", "/"),
            )
        });
        pairs.filter(|(key, _)| key != "Version").collect()
    }
}

/// What to answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, content type, body.
    Http(u16, &'static str, Vec<u8>),
    /// Status, one more header, body; S3 says a part of its answers in headers.
    With(u16, (&'static str, String), Vec<u8>),
    /// Close the connection without an answer.
    HangUp,
    /// Never answer.
    Silence,
}

pub(crate) fn json(body: Value) -> Reply {
    Reply::Http(
        200,
        "application/x-amz-json-1.1",
        body.to_string().into_bytes(),
    )
}

pub(crate) fn json_error(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "__type": code, "message": message });
    Reply::Http(
        status,
        "application/x-amz-json-1.1",
        body.to_string().into_bytes(),
    )
}

pub(crate) fn xml(body: &str) -> Reply {
    Reply::Http(200, "text/xml", body.as_bytes().to_vec())
}

pub(crate) fn xml_error(code: &str, message: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>r-xml</RequestId></ErrorResponse>"
    );
    Reply::Http(400, "text/xml", body.into_bytes())
}

/// The request's CBOR as JSON; times become whole seconds.
pub(crate) fn decoded(body: &[u8]) -> Value {
    value(&mut Decoder::new(body))
}

fn value(decoder: &mut Decoder<'_>) -> Value {
    match decoder.datatype().unwrap() {
        Type::Map | Type::MapIndef => {
            let length = decoder.map().unwrap();
            let mut members = Map::new();
            while length.is_none_or(|length| (members.len() as u64) < length) {
                if decoder.datatype().unwrap() == Type::Break {
                    decoder.skip().unwrap();
                    break;
                }
                let name = decoder.string().unwrap();
                members.insert(name, value(decoder));
            }
            Value::Object(members)
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list().unwrap().unwrap();
            (0..length).map(|_| value(decoder)).collect()
        }
        Type::Tag => json!(decoder.timestamp().unwrap().secs()),
        Type::Bool => json!(decoder.boolean().unwrap()),
        Type::String | Type::StringIndef => json!(decoder.string().unwrap()),
        Type::F16 | Type::F32 | Type::F64 => json!(decoder.double().unwrap()),
        _ => json!(decoder.long().unwrap()),
    }
}

/// A CBOR answer. Numbers with a fraction are doubles.
pub(crate) fn cbor(status: u16, body: &Value) -> Reply {
    let mut encoder = Encoder::new(Vec::new());
    encode(&mut encoder, body);
    Reply::Http(status, "application/cbor", encoder.into_writer())
}

fn encode(encoder: &mut Encoder, value: &Value) {
    match value {
        Value::Null => encoder.null(),
        Value::Bool(flag) => encoder.boolean(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => encoder.long(whole),
            None => encoder.double(number.as_f64().unwrap()),
        },
        Value::String(text) => encoder.str(text),
        Value::Array(items) => {
            encoder.array(items.len());
            items.iter().for_each(|item| encode(encoder, item));
            encoder
        }
        Value::Object(members) => {
            encoder.map(members.len());
            for (name, value) in members {
                encoder.str(name);
                encode(encoder, value);
            }
            encoder
        }
    };
}

/// The server; it lives as long as the runtime.
pub(crate) struct Fake {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(crate) async fn start(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                let service = service_fn(move |request| {
                    let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                    async move { respond(request, &log, answer.as_ref()).await }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(async move {
                    connection
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                });
            }
        });
        Self { url, seen }
    }

    /// Answers the calls in the given order, then refuses.
    pub(crate) async fn script(replies: impl Into<Vec<Reply>>) -> Self {
        let replies = Mutex::new(replies.into().into_iter());
        Self::start(move |_| {
            let next = replies.lock().unwrap().next();
            next.unwrap_or_else(|| json_error(400, "NoMoreReplies", "the script is over"))
        })
        .await
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn config(&self) -> AwsConfig {
        config(&self.url)
    }

    pub(crate) fn ports(&self) -> Ports {
        ports(self.config())
    }

    pub(crate) fn inspection(&self) -> Arc<dyn Inspection> {
        Aws::connect(self.config()).inspection(Arc::new(RealClock))
    }

    /// Ports that repeat a call which fails, as those of users do.
    pub(crate) fn patient_ports(&self) -> Ports {
        let mut config = self.config();
        config.max_retries = None;
        ports(config)
    }
}

pub(crate) fn ports(config: AwsConfig) -> Ports {
    Aws::connect(config).ports(Arc::new(RealClock), Arc::new(NoProbes))
}

pub(crate) fn config(url: &str) -> AwsConfig {
    let mut config = AwsConfig::new(Environment::default());
    config.region = Some("eu-west-1".to_owned());
    config.access_keys = Some(AccessKeys {
        id: "AKIDEXAMPLE".to_owned(),
        secret: "secret-key".to_owned().into(),
        session_token: None,
    });
    config.endpoints.all = Some(url.to_owned());
    config.max_retries = Some(0);
    config.skip_metadata_api_check = true;
    config.attempt_timeout = Duration::from_secs(20);
    config
}

async fn respond(
    request: hyper::Request<Incoming>,
    log: &Mutex<Vec<Seen>>,
    answer: &(dyn Fn(&Seen) -> Reply + Send + Sync),
) -> Result<hyper::Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (
            name.to_string(),
            value.to_str().unwrap_or_default().to_owned(),
        )
    };
    let seen = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(header).collect(),
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    };
    let reply = answer(&seen);
    log.lock().unwrap().push(seen);
    match reply {
        Reply::HangUp => Err(std::io::Error::other("hangs up")),
        Reply::Silence => std::future::pending().await,
        Reply::With(status, (name, value), body) => {
            let response = hyper::Response::builder()
                .status(status)
                .header("content-type", "application/xml")
                .header("x-amz-request-id", "r-s3")
                .header(name, value);
            Ok(response.body(Full::new(Bytes::from(body))).unwrap())
        }
        Reply::Http(status, kind, body) => {
            let mut response = hyper::Response::builder()
                .status(status)
                .header("content-type", kind)
                .header("x-amzn-requestid", "r-1");
            if kind == "application/cbor" {
                response = response.header("smithy-protocol", "rpc-v2-cbor");
            }
            Ok(response.body(Full::new(Bytes::from(body))).unwrap())
        }
    }
}

/// Nothing of this crate sends probes.
#[derive(Debug)]
pub(crate) struct NoProbes;

#[async_trait::async_trait]
impl Probes for NoProbes {
    async fn send(&self, _: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        Err(ProbeFailure("not here".to_owned()))
    }

    async fn connect(&self, _: &ConnectRequest) -> Result<Connected, ProbeFailure> {
        Err(ProbeFailure("not here".to_owned()))
    }
}

/// The machine's clock: batches gather across real connections here.
#[derive(Debug)]
pub(crate) struct RealClock;

#[async_trait::async_trait]
impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that stands behind the port"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
