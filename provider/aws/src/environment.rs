//! A snapshot of the process environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::access_keys::AccessKeys;
use crate::redacted::Redacted;
use crate::service::Service;

/// The environment variables that configure AWS access, read once by the composition root.
///
/// Only variables that matter here are kept. An empty variable counts as absent, as in the AWS
/// command line. `Debug` shows names, never values: several of them are secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, Redacted<String>>,
}

impl Environment {
    /// Keeps what matters of `variables`.
    pub fn from_variables<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .filter(|(name, value): &(String, String)| matters(name) && !value.is_empty())
            .map(|(name, value)| (name, Redacted::new(value)))
            .collect();
        Self { variables }
    }

    /// Reads the process environment. Values that are not Unicode are left out.
    pub fn of_process() -> Self {
        Self::from_variables(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// The variable's value.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|value| value.expose().as_str())
    }

    /// A proxy variable, in either case; the lower-case name wins, as in curl.
    fn either_case(&self, name: &str) -> Option<&str> {
        self.value(&name.to_ascii_lowercase())
            .or_else(|| self.value(name))
    }

    fn is_true(&self, name: &str) -> bool {
        self.value(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn region(&self) -> Option<&str> {
        self.value("AWS_REGION")
            .or_else(|| self.value("AWS_DEFAULT_REGION"))
    }

    pub(crate) fn profile(&self) -> Option<&str> {
        self.value("AWS_PROFILE")
            .or_else(|| self.value("AWS_DEFAULT_PROFILE"))
    }

    /// Access keys; both halves must be there.
    pub(crate) fn access_keys(&self) -> Option<AccessKeys> {
        Some(AccessKeys {
            id: self.value("AWS_ACCESS_KEY_ID")?.to_owned(),
            secret: Redacted::new(self.value("AWS_SECRET_ACCESS_KEY")?.to_owned()),
            session_token: self
                .value("AWS_SESSION_TOKEN")
                .map(|token| Redacted::new(token.to_owned())),
        })
    }

    /// `AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        if self.ignores_endpoints() {
            return None;
        }
        self.value(service.endpoint_variable())
            .or_else(|| self.value("AWS_ENDPOINT_URL"))
    }

    pub(crate) fn ignores_endpoints(&self) -> bool {
        self.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
    }

    pub(crate) fn use_fips(&self) -> bool {
        self.is_true("AWS_USE_FIPS_ENDPOINT")
    }

    pub(crate) fn use_dualstack(&self) -> bool {
        self.is_true("AWS_USE_DUALSTACK_ENDPOINT")
    }

    pub(crate) fn metadata_disabled(&self) -> bool {
        self.is_true("AWS_EC2_METADATA_DISABLED")
    }

    /// Whether this process runs in a container that AWS gives credentials to.
    pub(crate) fn has_container_credentials(&self) -> bool {
        self.value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            .is_some()
            || self.value("AWS_CONTAINER_CREDENTIALS_FULL_URI").is_some()
    }

    pub(crate) fn ca_bundle(&self) -> Option<PathBuf> {
        self.value("AWS_CA_BUNDLE").map(PathBuf::from)
    }

    pub(crate) fn http_proxy(&self) -> Option<&str> {
        self.either_case("HTTP_PROXY")
    }

    pub(crate) fn https_proxy(&self) -> Option<&str> {
        self.either_case("HTTPS_PROXY")
    }

    pub(crate) fn no_proxy(&self) -> Option<&str> {
        self.either_case("NO_PROXY")
    }

    /// `~/.aws/<name>`, when the home directory is known.
    pub(crate) fn home_file(&self, name: &str) -> Option<PathBuf> {
        Some([self.home()?, ".aws", name].iter().collect())
    }

    /// The home directory; Windows knows it by another name.
    pub(crate) fn home(&self) -> Option<&str> {
        self.value("HOME").or_else(|| self.value("USERPROFILE"))
    }
}

fn matters(name: &str) -> bool {
    name.starts_with("AWS_")
        || matches!(
            name,
            "HOME"
                | "USERPROFILE"
                | "HTTP_PROXY"
                | "HTTPS_PROXY"
                | "NO_PROXY"
                | "http_proxy"
                | "https_proxy"
                | "no_proxy"
        )
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;
    use crate::service::Service;

    #[test]
    fn keeps_only_what_configures_aws_access_and_hides_values() {
        let environment = Environment::from_variables([
            ("AWS_SECRET_ACCESS_KEY", "hidden"),
            ("PATH", "/bin"),
            ("AWS_REGION", ""),
        ]);
        assert_eq!(format!("{environment:?}"), "{\"AWS_SECRET_ACCESS_KEY\"}");
    }

    #[test]
    fn an_endpoint_for_one_service_wins_over_the_one_for_all() {
        let environment = Environment::from_variables([
            ("AWS_ENDPOINT_URL", "http://all"),
            ("AWS_ENDPOINT_URL_ECS", "http://ecs"),
        ]);
        assert_eq!(environment.endpoint(Service::Ecs), Some("http://ecs"));
        assert_eq!(
            environment.endpoint(Service::CodeDeploy),
            Some("http://all")
        );
    }

    #[test]
    fn every_service_has_the_variable_that_aws_tools_know() {
        for (service, name) in [
            (Service::CloudWatchLogs, "CLOUDWATCH_LOGS"),
            (Service::Ecr, "ECR"),
            (Service::SecretsManager, "SECRETS_MANAGER"),
            (Service::ServiceQuotas, "SERVICE_QUOTAS"),
            (Service::Ssm, "SSM"),
        ] {
            let variable = format!("AWS_ENDPOINT_URL_{name}");
            let environment = Environment::from_variables([(variable, "http://one")]);
            assert_eq!(environment.endpoint(service), Some("http://one"), "{name}");
        }
    }

    #[test]
    fn configured_endpoints_can_be_ignored() {
        let environment = Environment::from_variables([
            ("AWS_ENDPOINT_URL", "http://all"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ]);
        assert_eq!(environment.endpoint(Service::Ecs), None);
    }

    #[test]
    fn half_a_key_pair_is_no_key_pair() {
        let environment = Environment::from_variables([("AWS_ACCESS_KEY_ID", "AKIA")]);
        assert_eq!(environment.access_keys(), None);
    }
}
