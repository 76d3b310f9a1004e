//! From the provider block and the environment to the ports over AWS.

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use switchyard_aws::{AssumeRole, Aws, AwsConfig, Environment, Problem, Redacted, Service};
use switchyard_engine::ports::{Clock, Ports};
use switchyard_probe::HttpProbes;
use switchyard_resources::{Connect, ConnectError, Connection, ProbeProxy};
use switchyard_store::Folders;

use crate::clock::ScaledClock;
use crate::lab_clock::LabClock;

/// Code of a provider block or an environment with which AWS cannot be called.
const NOT_CONFIGURED: &str = "SY0036";

/// Reads the environment once and connects to AWS.
#[derive(Debug)]
pub(crate) struct Connector {
    environment: Environment,
    time_scale: Result<f64, String>,
    time_origin: Result<Option<Timestamp>, String>,
    /// SWITCHYARD_CLOCK.
    lab_clock: Result<Option<SocketAddr>, String>,
    /// SWITCHYARD_PROBE_PROXY. May hold a password.
    probe_proxy: Redacted<Option<String>>,
}

impl Connector {
    /// With the environment of this process.
    pub(crate) fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            environment: Environment::of_process(),
            time_scale: scale(variable("SWITCHYARD_TIME_SCALE").as_deref()),
            time_origin: origin(variable("SWITCHYARD_TIME_ORIGIN")),
            lab_clock: lab_clock(variable("SWITCHYARD_CLOCK")),
            probe_proxy: variable("SWITCHYARD_PROBE_PROXY").into(),
        }
    }
}

/// Why deployments go on in spite of a freeze.
pub(crate) fn freeze_override() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
    let reason = std::env::var("SWITCHYARD_OVERRIDE_FREEZE").ok();
    reason
}

/// Factor of time; 1 when nothing is said.
fn scale(text: Option<&str>) -> Result<f64, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(1.0),
        Some(text) => match text.parse::<f64>() {
            Ok(scale) if scale.is_finite() && (0.001..=1e6).contains(&scale) => Ok(scale),
            Ok(_) | Err(_) => Err(text.to_owned()),
        },
    }
}

/// When the endpoint's time was real time; nothing when nothing is said.
fn origin(text: Option<String>) -> Result<Option<Timestamp>, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| text),
    }
}

/// Where a lab's clocks connect; nothing when nothing is said.
fn lab_clock(text: Option<String>) -> Result<Option<SocketAddr>, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| text),
    }
}

impl Connector {
    /// Real time, or the time of a lab.
    fn clock(&self) -> Result<Arc<dyn Clock>, ConnectError> {
        let refused = |given: &str, problem: &str| ConnectError {
            attribute: None,
            summary: "SWITCHYARD_CLOCK is not the clock of a lab".to_owned(),
            detail: format!(
                "Nothing was read or changed. The environment variable SWITCHYARD_CLOCK is `{given}`: {problem}. It \
                 must be the address and port of the clock of a lab of the acceptance tests.\n\nUnset it."
            ),
        };
        let address = self.lab_clock.as_ref();
        let address = address.map_err(|given| refused(given, "that is no address with a port"))?;
        if let Some(address) = address {
            let clock = LabClock::connect(*address)
                .map_err(|problem| refused(&address.to_string(), &problem.to_string()))?;
            return Ok(Arc::new(clock));
        }
        let scale = self.time_scale.as_ref().map_err(|given| ConnectError {
            attribute: None,
            summary: "SWITCHYARD_TIME_SCALE is not a factor of time".to_owned(),
            detail: format!(
                "The environment variable SWITCHYARD_TIME_SCALE is `{given}`. It must be a number between 0.001 and \
                 1000000, by which an endpoint runs faster than real time; it is for `switchyard-lab` \
                 only.\n\nUnset it, or set it to the time scale of the lab."
            ),
        })?;
        let origin = self.time_origin.as_ref().map_err(|given| ConnectError {
            attribute: None,
            summary: "SWITCHYARD_TIME_ORIGIN is not a time".to_owned(),
            detail: format!(
                "The environment variable SWITCHYARD_TIME_ORIGIN is `{given}`. It must be the time when an endpoint \
                 had real time, such as 2026-03-01T10:00:00Z; it is for `switchyard-lab` only.\n\nUnset it, or take \
                 it from the lab: `GET /_lab/environment`."
            ),
        })?;
        Ok(Arc::new(ScaledClock::new(*scale, *origin)))
    }
}

impl Connect for Connector {
    fn connect(&self, connection: &Connection) -> Result<Ports, ConnectError> {
        let clock = self.clock()?;
        let config = config(self.environment.clone(), connection);
        config.check().map_err(|problem| error(&problem))?;
        let attribute = connection.probe_proxy.as_ref();
        let probes = probes(
            attribute.map(ProbeProxy::expose),
            self.probe_proxy.expose().as_deref(),
        )?;
        let ports = Aws::connect(config).ports(clock, Arc::new(probes));
        Ok(Ports {
            snapshots: Arc::new(Folders::before(Arc::clone(&ports.snapshots))),
            ..ports
        })
    }
}

/// Requests of gates: through the proxy of the provider block, else through that of the environment, else
/// directly.
fn probes(attribute: Option<&str>, variable: Option<&str>) -> Result<HttpProbes, ConnectError> {
    let given = attribute.or(variable).filter(|proxy| !proxy.is_empty());
    HttpProbes::new(given).map_err(|invalid| {
        let name = match attribute {
            Some(_) => "`probe_proxy` of the provider block",
            None => "The environment variable SWITCHYARD_PROBE_PROXY",
        };
        ConnectError {
            attribute: attribute.map(|_| "probe_proxy"),
            summary: "The proxy for the requests of gates cannot be used".to_owned(),
            detail: format!(
                "Nothing was read or changed. {name} is not the URL of an HTTP proxy: {invalid}. Its value is not \
                 shown, because it may contain a password.\n\nCorrect it, or remove it to send the requests \
                 directly."
            ),
        }
    })
}

fn config(environment: Environment, connection: &Connection) -> AwsConfig {
    let mut config = AwsConfig::new(environment);
    config.region = connection.region.clone();
    config.profile = connection.profile.clone();
    config.assume_role = connection
        .assume_role
        .iter()
        .map(|role| AssumeRole {
            role_arn: role.role_arn.clone(),
            session_name: Some(
                role.session_name
                    .clone()
                    .unwrap_or_else(|| "switchyard".to_owned()),
            ),
            external_id: role.external_id.clone(),
            duration: role.duration,
            ..AssumeRole::default()
        })
        .collect();
    config.endpoints.all = connection.endpoint.clone();
    config.endpoints.services = connection
        .endpoints
        .iter()
        .filter_map(|(name, url)| Some((service(name)?, url.clone())))
        .collect();
    config.max_retries = connection.max_retries;
    config.allowed_account_ids = connection.allowed_account_ids.clone();
    config
}

/// The service an entry of `endpoints` names.
fn service(name: &str) -> Option<Service> {
    match name {
        "applicationautoscaling" => Some(Service::ApplicationAutoScaling),
        "cloudwatch" => Some(Service::CloudWatch),
        "codedeploy" => Some(Service::CodeDeploy),
        "ecr" => Some(Service::Ecr),
        "ecs" => Some(Service::Ecs),
        "elasticloadbalancingv2" => Some(Service::ElasticLoadBalancing),
        "logs" => Some(Service::CloudWatchLogs),
        "s3" => Some(Service::S3),
        "secretsmanager" => Some(Service::SecretsManager),
        "servicequotas" => Some(Service::ServiceQuotas),
        "ssm" => Some(Service::Ssm),
        "sts" => Some(Service::Sts),
        _ => None,
    }
}

fn error(problem: &Problem) -> ConnectError {
    ConnectError {
        attribute: None,
        summary: "AWS cannot be called as configured".to_owned(),
        detail: format!("Nothing was read or changed: {problem}.\n\nCode {NOT_CONFIGURED}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_the_schema_allows_has_a_service() {
        for name in switchyard_resources::ENDPOINT_SERVICES {
            assert!(service(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_proxy_that_is_none_is_refused_without_showing_it() {
        for (attribute, variable, name) in [
            (Some("socks5://me:secret@x"), None, Some("probe_proxy")),
            (None, Some("me:secret@x"), None),
        ] {
            let error = probes(attribute, variable).unwrap_err();
            assert_eq!(error.attribute, name);
            assert!(!error.detail.contains("secret"), "{}", error.detail);
        }
        for (attribute, variable) in [
            (None, None),
            (None, Some("")),
            (Some("http://10.0.0.1:3128"), Some("not one")),
        ] {
            assert!(probes(attribute, variable).is_ok());
        }
    }

    #[test]
    fn a_time_scale_is_a_positive_number() {
        assert_eq!(scale(None), Ok(1.0));
        assert_eq!(scale(Some("60")), Ok(60.0));
        for text in ["0", "-1", "fast", "inf", "NaN"] {
            assert!(scale(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_origin_is_a_time() {
        assert_eq!(origin(None), Ok(None));
        assert_eq!(origin(Some(String::new())), Ok(None));
        let ten = "2026-03-01T10:00:00Z".to_owned();
        assert_eq!(origin(Some(ten.clone())), Ok(ten.parse().ok()));
        assert!(origin(Some("ten o'clock".to_owned())).is_err());
    }

    #[test]
    fn the_clock_of_a_lab_is_an_address_with_a_port() {
        assert_eq!(lab_clock(None), Ok(None));
        assert_eq!(lab_clock(Some(String::new())), Ok(None));
        let here = "127.0.0.1:4600";
        assert_eq!(lab_clock(Some(here.to_owned())), Ok(here.parse().ok()));
        assert!(lab_clock(Some("127.0.0.1".to_owned())).is_err());
    }
}
