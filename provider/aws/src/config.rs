//! What the user says about AWS access.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::access_keys::AccessKeys;
use crate::environment::Environment;
use crate::problem::Problem;
use crate::redacted::Redacted;
use crate::service::Service;

/// A role to assume. Several form a chain: each is assumed with the credentials of the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssumeRole {
    /// Role ARN.
    pub role_arn: String,
    /// Session name; `switchyard` when absent.
    pub session_name: Option<String>,
    /// External id the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Length of the session, 15 minutes to 12 hours; one hour when absent (an AWS default).
    pub duration: Option<Duration>,
    /// Inline session policy, JSON.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// Source identity.
    pub source_identity: Option<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
    /// Keys of session tags that go on to the next role of the chain.
    pub transitive_tag_keys: Vec<String>,
}

/// A role to assume with an OpenID Connect token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebIdentity {
    /// Role ARN.
    pub role_arn: String,
    /// Session name; `switchyard` when absent.
    pub session_name: Option<String>,
    /// Where the token is.
    pub token: WebIdentityToken,
    /// Length of the session.
    pub duration: Option<Duration>,
    /// Inline session policy, JSON.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
}

/// Where an OpenID Connect token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebIdentityToken {
    /// A file, read again whenever credentials are renewed.
    File(PathBuf),
    /// The token itself.
    Inline(Redacted<String>),
}

/// How failed calls are repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Slows down on throttling, across calls.
    Adaptive,
    /// Exponential back-off per call.
    #[default]
    Standard,
}

/// Endpoint overrides: one per service, and one for all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// For every service that has none of its own.
    pub all: Option<String>,
    /// Per service.
    pub services: BTreeMap<Service, String>,
}

/// Everything that decides how AWS is reached. Absent fields fall back to [`Environment`], then to
/// the profile in the shared files.
#[derive(Clone, Debug)]
pub struct AwsConfig {
    /// Environment snapshot.
    pub environment: Environment,
    /// Region.
    pub region: Option<String>,
    /// Profile in the shared files.
    pub profile: Option<String>,
    /// Static access keys.
    pub access_keys: Option<AccessKeys>,
    /// Roles to assume, in order.
    pub assume_role: Vec<AssumeRole>,
    /// Role to assume with a web identity token.
    pub web_identity: Option<WebIdentity>,
    /// Shared configuration files; `~/.aws/config` when empty.
    pub shared_config_files: Vec<PathBuf>,
    /// Shared credentials files; `~/.aws/credentials` when empty.
    pub shared_credentials_files: Vec<PathBuf>,
    /// File of certificate authorities to trust instead of the system's.
    pub custom_ca_bundle: Option<PathBuf>,
    /// Proxy for plain HTTP endpoints.
    pub http_proxy: Option<String>,
    /// Proxy for HTTPS endpoints.
    pub https_proxy: Option<String>,
    /// Hosts reached without a proxy, separated by commas.
    pub no_proxy: Option<String>,
    /// Endpoint overrides.
    pub endpoints: Endpoints,
    /// How often a failed call is repeated. When absent: 5 times, and 30 times more while AWS says that there are
    /// too many calls.
    pub max_retries: Option<u32>,
    /// How it is repeated.
    pub retry_mode: RetryMode,
    /// How long one attempt of a call may take.
    pub attempt_timeout: Duration,
    /// Accounts that may be used; all when empty.
    pub allowed_account_ids: BTreeSet<String>,
    /// Accounts that must not be used.
    pub forbidden_account_ids: BTreeSet<String>,
    /// Never call GetCallerIdentity. Excludes the two lists above.
    pub skip_credentials_validation: bool,
    /// Never ask the instance metadata service for credentials.
    pub skip_metadata_api_check: bool,
    /// Region of STS calls; the region of all calls when absent.
    pub sts_region: Option<String>,
    /// Use FIPS 140 endpoints.
    pub use_fips: bool,
    /// Use dual-stack (IPv4 and IPv6) endpoints.
    pub use_dualstack: bool,
}

/// Long enough for the slowest answers of the control planes, short enough to notice a dead connection.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

impl AwsConfig {
    /// Nothing said but the environment.
    pub fn new(environment: Environment) -> Self {
        Self {
            environment,
            region: None,
            profile: None,
            access_keys: None,
            assume_role: Vec::new(),
            web_identity: None,
            shared_config_files: Vec::new(),
            shared_credentials_files: Vec::new(),
            custom_ca_bundle: None,
            http_proxy: None,
            https_proxy: None,
            no_proxy: None,
            endpoints: Endpoints::default(),
            max_retries: None,
            retry_mode: RetryMode::default(),
            attempt_timeout: ATTEMPT_TIMEOUT,
            allowed_account_ids: BTreeSet::new(),
            forbidden_account_ids: BTreeSet::new(),
            skip_credentials_validation: false,
            skip_metadata_api_check: false,
            sts_region: None,
            use_fips: false,
            use_dualstack: false,
        }
    }

    /// Checks what can be checked without disk or network.
    ///
    /// # Errors
    /// The first contradiction found.
    pub fn check(&self) -> Result<(), Problem> {
        if self.skip_credentials_validation && self.limits_accounts() {
            return Err(Problem::AccountCheckSkipped);
        }
        if let (Some(allowed), true) = (
            self.allowed_account_ids
                .intersection(&self.forbidden_account_ids)
                .next(),
            self.limits_accounts(),
        ) {
            return Err(Problem::AccountBothAllowedAndForbidden {
                account: allowed.clone(),
            });
        }
        self.check_spelling()?;
        for role in &self.assume_role {
            if !role.role_arn.starts_with("arn:") {
                return Err(Problem::InvalidRole {
                    role: role.role_arn.clone(),
                });
            }
        }
        Ok(())
    }

    pub(crate) fn limits_accounts(&self) -> bool {
        !self.allowed_account_ids.is_empty() || !self.forbidden_account_ids.is_empty()
    }

    /// The endpoint override for `service`: configuration first, then the environment.
    pub(crate) fn endpoint(&self, service: Service) -> Option<&str> {
        self.endpoints
            .services
            .get(&service)
            .or(self.endpoints.all.as_ref())
            .map(String::as_str)
            .or_else(|| self.environment.endpoint(service))
    }

    pub(crate) fn profile_name(&self) -> &str {
        self.profile
            .as_deref()
            .or_else(|| self.environment.profile())
            .unwrap_or("default")
    }

    /// Whether the user named a profile, by configuration or environment.
    pub(crate) fn names_profile(&self) -> bool {
        self.profile.is_some() || self.environment.profile().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_secret_in_debug_output() {
        let mut config = AwsConfig::new(Environment::from_variables([(
            "AWS_SESSION_TOKEN",
            "tok-1",
        )]));
        config.access_keys = Some(AccessKeys {
            id: "AKIDEXAMPLE".to_owned(),
            secret: Redacted::new("sec-1".to_owned()),
            session_token: Some(Redacted::new("tok-2".to_owned())),
        });
        let shown = format!("{config:?}");
        assert!(shown.contains("AKIDEXAMPLE"));
        for secret in ["sec-1", "tok-1", "tok-2"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn account_limits_need_the_identity_call() {
        let mut config = AwsConfig::new(Environment::default());
        config.allowed_account_ids.insert("123456789012".to_owned());
        assert_eq!(config.check(), Ok(()));
        config.skip_credentials_validation = true;
        assert_eq!(config.check(), Err(Problem::AccountCheckSkipped));
    }

    #[test]
    fn endpoints_go_from_the_most_to_the_least_specific() {
        let mut config = AwsConfig::new(Environment::from_variables([(
            "AWS_ENDPOINT_URL_STS",
            "http://env-sts",
        )]));
        assert_eq!(config.endpoint(Service::Sts), Some("http://env-sts"));
        assert_eq!(config.endpoint(Service::Ecs), None);
        config.endpoints.all = Some("http://all".to_owned());
        config
            .endpoints
            .services
            .insert(Service::Ecs, "http://ecs".to_owned());
        assert_eq!(config.endpoint(Service::Sts), Some("http://all"));
        assert_eq!(config.endpoint(Service::Ecs), Some("http://ecs"));
    }

    #[test]
    fn an_endpoint_without_scheme_is_refused() {
        let mut config = AwsConfig::new(Environment::default());
        config.endpoints.all = Some("localhost:4566".to_owned());
        assert_eq!(
            config.check(),
            Err(Problem::InvalidEndpoint {
                name: "`endpoint` of the provider block".to_owned(),
                url: "localhost:4566".to_owned()
            })
        );
    }
}
