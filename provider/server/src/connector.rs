//! From the provider block and the environment to the ports over AWS.

use std::sync::Arc;

use switchyard_aws::{AssumeRole, Aws, AwsConfig, Environment, Problem, Service};
use switchyard_engine::ports::{Ports, ProbeFailure, ProbeRequest, ProbeResponse, Probes};
use switchyard_resources::{Connect, ConnectError, Connection};

use crate::clock::ScaledClock;

/// Default of `max_retries`.
const MAX_RETRIES: u32 = 5;

/// Reads the environment once and connects to AWS.
#[derive(Debug)]
pub(crate) struct Connector {
    environment: Environment,
    time_scale: Result<f64, String>,
}

impl Connector {
    /// With the environment of this process.
    pub(crate) fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
        let time_scale = std::env::var("SWITCHYARD_TIME_SCALE");
        Self {
            environment: Environment::of_process(),
            time_scale: scale(time_scale.ok().as_deref()),
        }
    }
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

impl Connect for Connector {
    fn connect(&self, connection: &Connection) -> Result<Ports, ConnectError> {
        let scale = self.time_scale.as_ref().map_err(|given| ConnectError {
            attribute: None,
            summary: "SWITCHYARD_TIME_SCALE is not a factor of time".to_owned(),
            detail: format!(
                "The environment variable SWITCHYARD_TIME_SCALE is `{given}`. It says how much faster than real time \
                 an endpoint runs, as a number between 0.001 and 1000000; it is meant for `switchyard-lab` only.\n\n\
                 Unset it, or set it to the time scale of the lab."
            ),
        })?;
        let config = config(self.environment.clone(), connection);
        config.check().map_err(|problem| error(&problem))?;
        let clock = Arc::new(ScaledClock::new(*scale));
        Ok(Aws::connect(config).ports(clock, Arc::new(NoProbes)))
    }
}

/// Sends nothing: requests to the service need a client of their own.
#[derive(Debug)]
struct NoProbes;

#[async_trait::async_trait]
impl Probes for NoProbes {
    async fn send(&self, _: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        Err(ProbeFailure("this build cannot send requests".to_owned()))
    }
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
    config.max_retries = Some(connection.max_retries.unwrap_or(MAX_RETRIES));
    config.allowed_account_ids = connection.allowed_account_ids.clone();
    config.user_agent_suffix = Some(concat!("switchyard/", env!("CARGO_PKG_VERSION")).to_owned());
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
        detail: format!("Nothing was read or changed: {problem}."),
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
    fn a_time_scale_is_a_positive_number() {
        assert_eq!(scale(None), Ok(1.0));
        assert_eq!(scale(Some("60")), Ok(60.0));
        for text in ["0", "-1", "fast", "inf", "NaN"] {
            assert!(scale(Some(text)).is_err(), "{text}");
        }
    }
}
