//! Which service, region and operation a request asks for, and in which protocol.
//!
//! The signature's credential scope names service and region; the host name is never needed.

use http::{HeaderMap, Method, Uri, header, request::Parts};

use crate::lambda;
use crate::protocol::{JsonVersion, Protocol, query};
use crate::s3;
use crate::service::{self, Owned, STS_NAMESPACE};

/// Version field of ELBv2's query calls; the classic load balancer shares the signing name.
const ELBV2_VERSION: &str = "2015-12-01";

/// A request, understood as far as routing needs.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) destination: Destination,
    /// The name under which the call is logged and matched by faults.
    pub(crate) service: String,
    pub(crate) region: String,
    /// The operation; for REST services other than S3, and aliases of Lambda, `METHOD /path`.
    pub(crate) operation: String,
    pub(crate) protocol: Protocol,
    /// Who signed.
    pub(crate) access_key: Option<String>,
}

/// Who answers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination {
    /// The in-memory world.
    World(&'static Owned),
    /// An owned service was addressed, but no operation of it can be made out.
    Unrecognised(&'static Owned),
    /// `sts:GetCallerIdentity`, which every provider start asks for.
    CallerIdentity,
    /// Everything else.
    Moto,
}

impl Route {
    pub(crate) fn of(parts: &Parts, body: &[u8], home_region: &str) -> Self {
        let scope = Scope::of(&parts.headers, &parts.uri);
        let form = if is_form(&parts.headers) {
            query::form(body)
        } else {
            Vec::new()
        };
        let called = Called::of(parts, &form);
        let signed = scope.as_ref().map(|scope| scope.service.as_str());
        let region = scope
            .as_ref()
            .map_or_else(|| home_region.to_owned(), |scope| scope.region.clone());
        let owned = match signed {
            Some(name) => service::signed_as(name),
            None => called.target().and_then(service::targeted_as),
        };
        let version = query::field(&form, "Version");
        let classic = signed == Some("elasticloadbalancing")
            && version.is_some_and(|version| version != ELBV2_VERSION);
        let route = match owned {
            Some(owned) if !classic => Self::owned(owned, called, region),
            _ => Self::foreign(signed, called, region, parts, version),
        };
        Self {
            access_key: scope.map(|scope| scope.access_key),
            ..route
        }
    }

    fn owned(owned: &'static Owned, called: Called, region: String) -> Self {
        let (destination, operation, protocol) = match called {
            Called::Target {
                operation, version, ..
            } => (
                Destination::World(owned),
                operation,
                Protocol::Json(version),
            ),
            Called::Action(operation) => {
                (Destination::World(owned), operation, owned.default_protocol)
            }
            Called::Rpc { operation, .. } => {
                (Destination::World(owned), operation, Protocol::RpcV2Cbor)
            }
            Called::Rest(operation) => (
                Destination::Unrecognised(owned),
                operation,
                owned.default_protocol,
            ),
        };
        Self {
            destination,
            service: owned.name.to_owned(),
            region,
            operation,
            protocol,
            access_key: None,
        }
    }

    fn foreign(
        signed: Option<&str>,
        called: Called,
        region: String,
        parts: &Parts,
        version: Option<&str>,
    ) -> Self {
        let service = match (signed, called.target()) {
            (Some("elasticloadbalancing"), _) => "elb-classic",
            (Some(name), _) => name,
            (None, Some(target)) => target,
            (None, None) if version == Some("2011-06-15") => "sts",
            // Unsigned REST calls without a target are what anonymous S3 clients send.
            (None, None) => "s3",
        }
        .to_owned();
        let protocol = match &called {
            Called::Target { version, .. } => Protocol::Json(*version),
            Called::Action(_) if service == "ec2" => Protocol::Ec2Query,
            Called::Action(_) => Protocol::Query {
                namespace: if service == "sts" { STS_NAMESPACE } else { "" },
            },
            Called::Rpc { .. } => Protocol::RpcV2Cbor,
            Called::Rest(_) if speaks_xml(&service, &parts.headers) => Protocol::RestXml,
            Called::Rest(_) => Protocol::RestJson,
        };
        let operation = match (service.as_str(), s3::operation(parts)) {
            ("s3", Some(operation)) => operation.to_owned(),
            ("lambda", _) => match lambda::operation(parts) {
                Some(operation) => operation.to_owned(),
                None => called.into_operation(),
            },
            _ => called.into_operation(),
        };
        let destination = if service == "sts" && operation == "GetCallerIdentity" {
            Destination::CallerIdentity
        } else {
            Destination::Moto
        };
        Self {
            destination,
            service,
            region,
            operation,
            protocol,
            access_key: None,
        }
    }
}

fn speaks_xml(service: &str, headers: &HeaderMap) -> bool {
    matches!(service, "s3" | "route53" | "cloudfront" | "s3-outposts")
        || headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("xml"))
}

/// How the request names its operation.
#[derive(Debug, PartialEq, Eq)]
enum Called {
    Target {
        target: String,
        operation: String,
        version: JsonVersion,
    },
    Action(String),
    Rpc {
        target: String,
        operation: String,
    },
    Rest(String),
}

impl Called {
    fn of(parts: &Parts, form: &[(String, String)]) -> Self {
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        if let Some((target, operation)) = target.and_then(|value| value.rsplit_once('.')) {
            let content_type = parts
                .headers
                .get(header::CONTENT_TYPE)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            return Self::Target {
                target: target.to_owned(),
                operation: operation.to_owned(),
                version: if content_type.contains("json-1.0") {
                    JsonVersion::V1_0
                } else {
                    JsonVersion::V1_1
                },
            };
        }
        if let Some(rpc) = rpc_path(parts.uri.path()) {
            return rpc;
        }
        if let Some(action) = query::field(form, "Action") {
            return Self::Action(action.to_owned());
        }
        if parts.method == Method::GET
            && let Some(query) = parts.uri.query()
            && let Some(action) = query::field(&query::form(query.as_bytes()), "Action")
        {
            return Self::Action(action.to_owned());
        }
        Self::Rest(format!("{} {}", parts.method, parts.uri.path()))
    }

    fn target(&self) -> Option<&str> {
        match self {
            Self::Target { target, .. } | Self::Rpc { target, .. } => Some(target),
            Self::Action(_) | Self::Rest(_) => None,
        }
    }

    fn into_operation(self) -> String {
        match self {
            Self::Target { operation, .. }
            | Self::Rpc { operation, .. }
            | Self::Action(operation)
            | Self::Rest(operation) => operation,
        }
    }
}

/// `/service/{service}/operation/{operation}`, possibly behind a prefix.
fn rpc_path(path: &str) -> Option<Called> {
    let mut steps = path.trim_matches('/').rsplit('/');
    let operation = steps.next()?;
    if steps.next()? != "operation" {
        return None;
    }
    let target = steps.next()?;
    (steps.next()? == "service").then(|| Called::Rpc {
        target: target.to_owned(),
        operation: operation.to_owned(),
    })
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

/// `AKID/20251121/eu-west-1/ecs/aws4_request`, from the header or a presigned query.
#[derive(Debug, PartialEq, Eq)]
struct Scope {
    region: String,
    service: String,
    access_key: String,
}

impl Scope {
    fn of(headers: &HeaderMap, uri: &Uri) -> Option<Self> {
        let header = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        if let Some(header) = header {
            let credential = header.split("Credential=").nth(1)?;
            return Self::parse(credential.split([',', ' ']).next()?);
        }
        let form = query::form(uri.query()?.as_bytes());
        Self::parse(query::field(&form, "X-Amz-Credential")?)
    }

    /// Access keys may hold slashes in odd test set-ups, so the scope is read from its end.
    fn parse(credential: &str) -> Option<Self> {
        let mut steps = credential.rsplit('/');
        let _terminator = steps.next()?;
        let service = steps.next()?.to_owned();
        let region = steps.next()?.to_owned();
        let _date = steps.next()?;
        let mut key: Vec<&str> = steps.collect();
        key.reverse();
        Some(Self {
            region,
            service,
            access_key: key.join("/"),
        })
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::service::CLOUDWATCH_NAMESPACE;

    fn route(headers: &[(&str, &str)], uri: &str, body: &str) -> Route {
        let mut request = Request::builder().method("POST").uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Route::of(&parts, body.as_bytes(), "eu-west-1")
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AK/20251121/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    #[test]
    fn json_calls_are_routed_by_scope_and_target() {
        let route = route(
            &[
                ("authorization", &signed("ecs")),
                (
                    "x-amz-target",
                    "AmazonEC2ContainerServiceV20141113.DescribeServices",
                ),
                ("content-type", "application/x-amz-json-1.1"),
            ],
            "/",
            "{}",
        );
        assert!(
            matches!(route.destination, Destination::World(owned) if owned.service == switchyard_world::Service::Ecs)
        );
        assert_eq!(
            (route.region.as_str(), route.operation.as_str()),
            ("us-east-1", "DescribeServices")
        );
        assert_eq!(route.protocol, Protocol::Json(JsonVersion::V1_1));
        assert_eq!(route.access_key.as_deref(), Some("AK"));
    }

    #[test]
    fn the_classic_load_balancer_is_not_ours() {
        let form = (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        let authorization = signed("elasticloadbalancing");
        let headers = [("authorization", authorization.as_str()), form];
        let v2 = route(
            &headers,
            "/",
            "Action=DescribeLoadBalancers&Version=2015-12-01",
        );
        assert!(matches!(v2.destination, Destination::World(_)));
        let classic = route(
            &headers,
            "/",
            "Action=DescribeLoadBalancers&Version=2012-06-01",
        );
        assert!(matches!(classic.destination, Destination::Moto));
        assert_eq!(classic.service, "elb-classic");
    }

    #[test]
    fn cbor_calls_are_routed_by_path() {
        let route = route(
            &[
                ("authorization", &signed("monitoring")),
                ("smithy-protocol", "rpc-v2-cbor"),
            ],
            "/service/GraniteServiceVersion20100801/operation/DescribeAlarms",
            "",
        );
        assert_eq!(route.protocol, Protocol::RpcV2Cbor);
        assert_eq!(
            (route.service.as_str(), route.operation.as_str()),
            ("cloudwatch", "DescribeAlarms")
        );
    }

    #[test]
    fn rest_calls_go_to_moto_in_their_own_protocol() {
        let s3 = route(
            &[],
            "/bucket/key?X-Amz-Credential=AK%2F20251121%2Feu-west-1%2Fs3%2Faws4_request",
            "",
        );
        assert_eq!(
            (s3.service.as_str(), s3.protocol),
            ("s3", Protocol::RestXml)
        );
        let lambda = route(
            &[("authorization", &signed("lambda"))],
            "/2015-03-31/functions",
            "{}",
        );
        assert_eq!(lambda.operation, "POST /2015-03-31/functions");
        assert_eq!(lambda.protocol, Protocol::RestJson);
    }

    #[test]
    fn an_owned_service_called_strangely_stays_ours() {
        let route = route(&[("authorization", &signed("monitoring"))], "/nonsense", "");
        assert!(matches!(route.destination, Destination::Unrecognised(_)));
        assert_eq!(
            route.protocol,
            Protocol::Query {
                namespace: CLOUDWATCH_NAMESPACE
            }
        );
    }
}
