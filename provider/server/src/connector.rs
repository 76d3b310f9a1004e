//! From the provider block and the environment to the ports over AWS.

use std::sync::Arc;

use switchyard_aws::{AssumeRole, Aws, AwsConfig, Environment, Problem, Redacted, Service};
use switchyard_clock::ClockSettings;
use switchyard_engine::ports::{Clock, Ports, Progress, Silent};
use switchyard_notify::Variables;
use switchyard_probe::HttpProbes;
use switchyard_progress::{Target, Writer};
use switchyard_resources::{Connect, ConnectError, Connection, ProbeProxy};
use switchyard_store::Folders;

/// Code of a provider block or an environment with which AWS cannot be called.
const NOT_CONFIGURED: &str = "SY0036";

/// Reads the environment once and connects to AWS.
#[derive(Debug)]
pub(crate) struct Connector {
    environment: Environment,
    time: ClockSettings,
    /// SWITCHYARD_PROBE_PROXY. May hold a password.
    probe_proxy: Redacted<Option<String>>,
    /// SWITCHYARD_PROGRESS.
    progress: Option<String>,
    /// RUNNER_TEMP.
    runner: Option<String>,
    /// HTTP_PROXY and the like. May hold a password.
    proxies: Redacted<Vec<(&'static str, String)>>,
}

/// The variables that name proxies.
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

impl Connector {
    /// With the environment of this process.
    pub(crate) fn of_process() -> Self {
        Self {
            environment: Environment::of_process(),
            time: ClockSettings::from_variables(variable),
            probe_proxy: variable("SWITCHYARD_PROBE_PROXY").into(),
            progress: variable("SWITCHYARD_PROGRESS"),
            runner: variable("RUNNER_TEMP"),
            proxies: PROXIES
                .into_iter()
                .filter_map(|name| Some((name, variable(name)?)))
                .collect::<Vec<_>>()
                .into(),
        }
    }
}

/// A variable of this process.
fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
    let value = std::env::var(name).ok();
    value
}

/// Why deployments go on in spite of a freeze.
pub(crate) fn freeze_override() -> Option<String> {
    variable("SWITCHYARD_OVERRIDE_FREEZE")
}

impl Connector {
    fn proxy(&self, name: &str) -> Option<String> {
        let mut known = self.proxies.expose().iter();
        let found = known.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    }

    /// Real time, or the time of a lab.
    fn clock(&self) -> Result<Arc<dyn Clock>, ConnectError> {
        self.time.clock().map_err(|problem| ConnectError {
            attribute: None,
            summary: problem.summary.to_owned(),
            detail: problem.detail,
        })
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
            notices: Arc::new(Variables::before(Arc::clone(&ports.notices), variable)),
            // Receivers are not where the targets of gates are: the proxy of those is not theirs.
            posts: Arc::new(HttpProbes::of_environment(|name| self.proxy(name))),
            snapshots: Arc::new(Folders::before(Arc::clone(&ports.snapshots))),
            progress: match connection.progress.as_ref().or(self.progress.as_ref()) {
                Some(given) => progress(given, self.runner.as_deref()),
                None => ports.progress,
            },
            ..ports
        })
    }
}

/// Where progress goes.
fn progress(given: &str, runner: Option<&str>) -> Arc<dyn Progress> {
    match Target::parse(given, runner) {
        Some(target) => Arc::new(Writer::start(target)),
        None => Arc::new(Silent),
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
        "acm" => Some(Service::Acm),
        "applicationautoscaling" => Some(Service::ApplicationAutoScaling),
        "cloudwatch" => Some(Service::CloudWatch),
        "codedeploy" => Some(Service::CodeDeploy),
        "ec2" => Some(Service::Ec2),
        "ecr" => Some(Service::Ecr),
        "ecs" => Some(Service::Ecs),
        "elasticloadbalancingv2" => Some(Service::ElasticLoadBalancing),
        "events" => Some(Service::EventBridge),
        "iam" => Some(Service::Iam),
        "lambda" => Some(Service::Lambda),
        "logs" => Some(Service::CloudWatchLogs),
        "rds" => Some(Service::Rds),
        "s3" => Some(Service::S3),
        "secretsmanager" => Some(Service::SecretsManager),
        "servicequotas" => Some(Service::ServiceQuotas),
        "sns" => Some(Service::Sns),
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
}
