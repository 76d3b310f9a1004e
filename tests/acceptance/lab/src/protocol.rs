//! The protocols AWS clients speak: how an input is read, how answers and errors are spelled.

pub(crate) mod cbor;
pub(crate) mod names;
pub(crate) mod query;
pub(crate) mod xml;

use std::io::Read as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Map, Value, json};

/// CloudWatch operations without output: their XML answer has no result element.
const WITHOUT_RESULT: &[&str] = &[
    "DeleteAlarms",
    "DisableAlarmActions",
    "EnableAlarmActions",
    "PutCompositeAlarm",
    "PutMetricAlarm",
    "PutMetricData",
    "SetAlarmState",
];

/// Error shapes whose query-protocol code differs from the shape's name: CloudWatch's, and what every service
/// says about its caller.
const QUERY_CODES: &[(&str, &str)] = &[
    ("AccessDeniedException", "AccessDenied"),
    ("DashboardInvalidInputError", "InvalidParameterInput"),
    ("DashboardNotFoundError", "ResourceNotFound"),
    ("ExpiredTokenException", "ExpiredToken"),
    ("InternalServiceFault", "InternalServiceError"),
    ("InvalidFormatFault", "InvalidFormat"),
    (
        "InvalidParameterCombinationException",
        "InvalidParameterCombination",
    ),
    ("InvalidParameterValueException", "InvalidParameterValue"),
    ("LimitExceededFault", "LimitExceeded"),
    ("MissingRequiredParameterException", "MissingParameter"),
];

/// One complete HTTP answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// How a call is spelled on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `X-Amz-Target`, JSON both ways.
    Json(JsonVersion),
    /// `Action=` in a form, XML back, in the given XML namespace.
    Query { namespace: &'static str },
    /// EC2's dialect of query.
    Ec2Query,
    /// `/service/S/operation/O` with CBOR both ways.
    RpcV2Cbor,
    /// Path and method select the operation, JSON both ways (Lambda).
    RestJson,
    /// Path and method select the operation, XML both ways (S3, Route 53).
    RestXml,
}

/// The two versions of AWS JSON; they differ in the content type alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonVersion {
    V1_0,
    V1_1,
}

/// A call's refusal, before it is spelled in a protocol.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Further members of the error shape.
    pub(crate) fields: Map<String, Value>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            fields: Map::new(),
        }
    }
}

/// Largest body that is unpacked; AWS takes no more than a megabyte of metrics.
const UNPACKED_LIMIT: u64 = 16 << 20;

/// A body as its protocol spells it: SDKs compress large `PutMetricData` calls. What cannot be unpacked stays as it is.
pub(crate) fn unpacked(headers: &HeaderMap, body: &Bytes) -> Bytes {
    let is_packed = headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if !is_packed {
        return body.clone();
    }
    let mut unpacked = Vec::new();
    let mut limited = flate2::read::GzDecoder::new(body.as_ref()).take(UNPACKED_LIMIT);
    match limited.read_to_end(&mut unpacked) {
        Ok(_) => Bytes::from(unpacked),
        Err(_) => body.clone(),
    }
}

impl Protocol {
    /// The status of a refusal because of who calls. The protocols over JSON and CBOR say 400 to everything
    /// a caller can do wrong.
    pub(crate) fn denied_status(self) -> u16 {
        match self {
            Self::Json(_) | Self::RpcV2Cbor => 400,
            Self::Query { .. } | Self::Ec2Query | Self::RestJson | Self::RestXml => 403,
        }
    }

    /// Reads the operation's input from the request body.
    ///
    /// # Errors
    /// A refusal when the body is not what the protocol says it is.
    pub(crate) fn input(self, body: &[u8]) -> Result<Value, Refusal> {
        match self {
            Self::Json(_) | Self::RestJson if body.iter().all(u8::is_ascii_whitespace) => {
                Ok(Value::Object(Map::new()))
            }
            Self::Json(_) | Self::RestJson => serde_json::from_slice(body).map_err(|error| {
                Refusal::new(
                    400,
                    "SerializationException",
                    format!("the body is not JSON: {error}"),
                )
            }),
            Self::Query { .. } | Self::Ec2Query => Ok(query::tree(&query::form(body))),
            Self::RpcV2Cbor => cbor::decode(body).map_err(|error| {
                Refusal::new(
                    400,
                    "SerializationException",
                    format!("the body is not CBOR: {error}"),
                )
            }),
            Self::RestXml => Ok(Value::Null),
        }
    }

    /// Spells a successful answer.
    pub(crate) fn success(self, operation: &str, output: &Value, request_id: &str) -> Answer {
        let body = match self {
            Self::Json(_) | Self::RestJson => Bytes::from(output.to_string()),
            Self::Query { namespace } => {
                let result = (!WITHOUT_RESULT.contains(&operation)).then_some(output);
                Bytes::from(xml::response(operation, namespace, result, request_id))
            }
            Self::RpcV2Cbor => Bytes::from(cbor::encode(output)),
            Self::Ec2Query => Bytes::from(xml::ec2_response(operation, output, request_id)),
            // The lab owns no REST-XML operation; moto's answers pass through as they are.
            Self::RestXml => Bytes::new(),
        };
        self.answer(StatusCode::OK, body, request_id)
    }

    /// Spells a refusal: the error document and the headers SDKs read the code from.
    pub(crate) fn refusal(self, refusal: &Refusal, request_id: &str) -> Answer {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
        let sender_fault = status.is_client_error();
        let (shape, query_code) = shape_and_query_code(&refusal.code);
        let body = match self {
            Self::Json(_) | Self::RestJson => Bytes::from(document(shape, refusal).to_string()),
            Self::RpcV2Cbor => Bytes::from(cbor::encode(&document(shape, refusal))),
            Self::Query { namespace } => Bytes::from(xml::error(
                namespace,
                sender_fault,
                query_code,
                &refusal.message,
                request_id,
            )),
            Self::Ec2Query => Bytes::from(xml::ec2_error(query_code, &refusal.message, request_id)),
            Self::RestXml => Bytes::from(xml::rest_error(query_code, &refusal.message, request_id)),
        };
        let mut answer = self.answer(status, body, request_id);
        let headers = answer.headers_mut();
        if matches!(self, Self::Json(_) | Self::RestJson) {
            insert(headers, HeaderName::from_static("x-amzn-errortype"), shape);
        }
        if matches!(self, Self::RpcV2Cbor | Self::Json(JsonVersion::V1_0)) {
            let fault = if sender_fault { "Sender" } else { "Receiver" };
            insert(
                headers,
                HeaderName::from_static("x-amzn-query-error"),
                &format!("{query_code};{fault}"),
            );
        }
        answer
    }

    fn answer(self, status: StatusCode, body: Bytes, request_id: &str) -> Answer {
        let mut answer = Response::new(Full::new(body));
        *answer.status_mut() = status;
        let headers = answer.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type()),
        );
        insert(
            headers,
            HeaderName::from_static("x-amzn-requestid"),
            request_id,
        );
        if self == Self::RpcV2Cbor {
            headers.insert(
                HeaderName::from_static("smithy-protocol"),
                HeaderValue::from_static("rpc-v2-cbor"),
            );
        }
        answer
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Json(JsonVersion::V1_0) => "application/x-amz-json-1.0",
            Self::Json(JsonVersion::V1_1) => "application/x-amz-json-1.1",
            Self::Query { .. } | Self::Ec2Query => "text/xml",
            Self::RpcV2Cbor => "application/cbor",
            Self::RestJson => "application/json",
            Self::RestXml => "application/xml",
        }
    }
}

/// The error as JSON and CBOR carry it. AWS services differ in the case of `message`, every SDK
/// reads both.
fn document(shape: &str, refusal: &Refusal) -> Value {
    let mut document = refusal.fields.clone();
    document.insert("__type".to_owned(), json!(shape));
    document.insert("message".to_owned(), json!(refusal.message));
    Value::Object(document)
}

/// An error's shape name and its code in the query protocol, given either.
fn shape_and_query_code(code: &str) -> (&str, &str) {
    QUERY_CODES
        .iter()
        .find(|(shape, query)| *shape == code || (*query == code && *query != "ResourceNotFound"))
        .map_or((code, code), |(shape, query)| (*shape, *query))
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudwatch_errors_carry_shape_and_query_code() {
        assert_eq!(
            shape_and_query_code("InvalidParameterValue"),
            ("InvalidParameterValueException", "InvalidParameterValue")
        );
        assert_eq!(
            shape_and_query_code("DashboardNotFoundError"),
            ("DashboardNotFoundError", "ResourceNotFound")
        );
        assert_eq!(
            shape_and_query_code("ResourceNotFound"),
            ("ResourceNotFound", "ResourceNotFound")
        );
    }

    #[test]
    fn an_error_code_names_itself_in_json() {
        let answer = Protocol::Json(JsonVersion::V1_1).refusal(
            &Refusal::new(400, "ClusterNotFoundException", "Cluster not found."),
            "r-1",
        );
        assert_eq!(answer.status(), 400);
        assert_eq!(
            answer.headers()["x-amzn-errortype"],
            "ClusterNotFoundException"
        );
        assert_eq!(
            answer.headers()["content-type"],
            "application/x-amz-json-1.1"
        );
        assert!(!answer.headers().contains_key("x-amzn-query-error"));
    }
}
