//! Where credentials come from, in the order users of AWS tools expect:
//! configuration, environment, web identity, profile (with SSO and credential processes), container,
//! instance metadata; then the roles to assume on top.

use std::time::SystemTime;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;

use crate::access_keys::AccessKeys;
use crate::config::{AssumeRole, AwsConfig, WebIdentity, WebIdentityToken};
use crate::failed::{cause, failure};
use crate::problem::Problem;
use crate::profile::SelectedProfile;
use crate::spelling;

const SESSION_NAME: &str = "switchyard";

/// Credentials for all calls, and the list of places they are looked for.
pub(crate) struct Sources {
    pub(crate) provider: SharedCredentialsProvider,
    pub(crate) looked_at: String,
}

/// Puts the sources together. `sts` reaches STS and has no credentials of its own.
pub(crate) fn sources(
    config: &AwsConfig,
    profile: &SelectedProfile,
    sts: &SdkConfig,
    provider_config: &ProviderConfig,
) -> Sources {
    let mut found: Vec<(&'static str, SharedCredentialsProvider)> = Vec::new();
    let mut looked_at = Vec::new();
    let environment = &config.environment;
    if let Some(keys) = &config.access_keys {
        found.push(("Configuration", fixed(keys, "Configuration")));
    }
    // A profile named in the configuration is meant; keys in the environment do not override it.
    looked_at.push("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned());
    if let (None, Some(keys)) = (&config.profile, environment.access_keys()) {
        found.push(("Environment", fixed(&keys, "Environment")));
    }
    looked_at.push("web identity (AWS_WEB_IDENTITY_TOKEN_FILE)".to_owned());
    if let Some(identity) = config
        .web_identity
        .clone()
        .or_else(|| web_identity_of_environment(config))
    {
        let provider = WithWebIdentity {
            identity,
            sts: aws_sdk_sts::Client::new(sts),
        };
        found.push(("WebIdentity", SharedCredentialsProvider::new(provider)));
    }
    looked_at.push(format!(
        "profile `{}` in {}",
        profile.name, profile.looked_at
    ));
    if let Some(files) = &profile.files {
        let provider = ProfileFileCredentialsProvider::builder()
            .configure(provider_config)
            .profile_name(profile.name.clone())
            .profile_files(files.clone())
            .build();
        found.push(("Profile", SharedCredentialsProvider::new(provider)));
    }
    if environment.has_container_credentials() {
        looked_at.push("the container's credentials".to_owned());
        let provider = EcsCredentialsProvider::builder()
            .configure(provider_config)
            .build();
        found.push(("Container", SharedCredentialsProvider::new(provider)));
    }
    if !config.skip_metadata_api_check && !environment.metadata_disabled() {
        looked_at.push("the instance metadata service".to_owned());
        let provider = ImdsCredentialsProvider::builder()
            .configure(provider_config)
            .build();
        found.push(("InstanceMetadata", SharedCredentialsProvider::new(provider)));
    }
    let found = found
        .into_iter()
        .map(|(name, inner)| (name, Sendable::of(name, inner)));
    let base = chained(found.collect());
    let provider = config.assume_role.iter().fold(base, |before, role| {
        let sts = sts
            .clone()
            .into_builder()
            .credentials_provider(before)
            .build();
        let source = format!("role {}", role.role_arn);
        let in_role = InRole {
            role: role.clone(),
            sts: aws_sdk_sts::Client::new(&sts),
        };
        Sendable::of(source, SharedCredentialsProvider::new(in_role))
    });
    Sources {
        provider,
        looked_at: looked_at.join("; "),
    }
}

fn chained(sources: Vec<(&'static str, SharedCredentialsProvider)>) -> SharedCredentialsProvider {
    let mut sources = sources.into_iter();
    let Some((name, first)) = sources.next() else {
        return SharedCredentialsProvider::new(Nowhere);
    };
    let chain = sources.fold(
        CredentialsProviderChain::first_try(name, first),
        |chain, (name, next)| chain.or_else(name, next),
    );
    SharedCredentialsProvider::new(chain)
}

fn fixed(keys: &AccessKeys, source: &'static str) -> SharedCredentialsProvider {
    let token = keys
        .session_token
        .as_ref()
        .map(|token| token.expose().clone());
    SharedCredentialsProvider::new(Credentials::new(
        keys.id.clone(),
        keys.secret.expose().clone(),
        token,
        None,
        source,
    ))
}

fn web_identity_of_environment(config: &AwsConfig) -> Option<WebIdentity> {
    let value = |name: &str| config.environment.value(name).map(ToOwned::to_owned);
    Some(WebIdentity {
        token: WebIdentityToken::File(value("AWS_WEB_IDENTITY_TOKEN_FILE")?.into()),
        role_arn: value("AWS_ROLE_ARN")?,
        session_name: value("AWS_ROLE_SESSION_NAME"),
        duration: None,
        policy: None,
        policy_arns: Vec::new(),
    })
}

/// No source is configured at all.
#[derive(Debug)]
struct Nowhere;

impl ProvideCredentials for Nowhere {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "no source of credentials is configured",
        )))
    }
}

/// Credentials that are made of what can be sent.
#[derive(Debug)]
struct Sendable {
    /// Where they are from, for a message.
    source: String,
    inner: SharedCredentialsProvider,
}

impl Sendable {
    fn of(
        source: impl Into<String>,
        inner: SharedCredentialsProvider,
    ) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(Self {
            source: source.into(),
            inner,
        })
    }

    async fn checked(&self) -> provider::Result {
        let found = self.inner.provide_credentials().await?;
        spelling::credentials(&self.source, &found)
            .map_err(CredentialsError::invalid_configuration)?;
        Ok(found)
    }
}

impl ProvideCredentials for Sendable {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.checked())
    }
}

/// Credentials of an assumed role.
#[derive(Debug)]
struct InRole {
    role: AssumeRole,
    sts: aws_sdk_sts::Client,
}

impl InRole {
    async fn assume(&self) -> provider::Result {
        let role = &self.role;
        let tags = role
            .tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags = tags
            .collect::<Result<Vec<_>, _>>()
            .map_err(CredentialsError::invalid_configuration)?;
        let answer = self
            .sts
            .assume_role()
            .role_arn(&role.role_arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION_NAME))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(seconds(role.duration))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_source_identity(role.source_identity.clone())
            .set_tags((!tags.is_empty()).then_some(tags))
            .set_transitive_tag_keys(
                (!role.transitive_tag_keys.is_empty()).then(|| role.transitive_tag_keys.clone()),
            )
            .send()
            .await
            .map_err(|error| refused(&role.role_arn, &error))?;
        received(answer.credentials, "AssumeRole")
    }
}

impl ProvideCredentials for InRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

/// Credentials of a role assumed with a web identity token.
#[derive(Debug)]
struct WithWebIdentity {
    identity: WebIdentity,
    sts: aws_sdk_sts::Client,
}

impl WithWebIdentity {
    async fn assume(&self) -> provider::Result {
        let identity = &self.identity;
        let token = match &identity.token {
            WebIdentityToken::Inline(token) => token.expose().clone(),
            WebIdentityToken::File(path) => {
                let read = tokio::fs::read_to_string(path).await;
                let text = read.map_err(|error| {
                    CredentialsError::provider_error(format!(
                        "web identity token file {}: {error}",
                        path.display()
                    ))
                })?;
                text.trim().to_owned()
            }
        };
        let answer = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&identity.role_arn)
            .role_session_name(identity.session_name.as_deref().unwrap_or(SESSION_NAME))
            .web_identity_token(token)
            .set_duration_seconds(seconds(identity.duration))
            .set_policy(identity.policy.clone())
            .set_policy_arns(policies(&identity.policy_arns))
            .send()
            .await
            .map_err(|error| refused(&identity.role_arn, &error))?;
        received(answer.credentials, "WebIdentity")
    }
}

impl ProvideCredentials for WithWebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

fn seconds(duration: Option<std::time::Duration>) -> Option<i32> {
    duration.map(|duration| i32::try_from(duration.as_secs()).unwrap_or(i32::MAX))
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let list = || {
        arns.iter()
            .map(|arn| PolicyDescriptorType::builder().arn(arn).build())
            .collect()
    };
    (!arns.is_empty()).then(list)
}

/// Why STS gave no credentials for a role, in AWS's words or ours.
fn refused<E>(role: &str, error: &SdkError<E, HttpResponse>) -> CredentialsError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    if let Some(problem) = cause::<Problem>(error) {
        return CredentialsError::invalid_configuration(problem.clone());
    }
    if let Some(CredentialsError::CredentialsNotLoaded(_)) = cause::<CredentialsError>(error) {
        return CredentialsError::not_loaded("there are no credentials to assume the role with");
    }
    let failed = failure("sts:AssumeRole", role, error, "");
    let code = match failed.code.as_str() {
        "" => String::new(),
        code => format!(" ({code})"),
    };
    CredentialsError::provider_error(format!(
        "role {role} could not be assumed: {}{code}",
        failed.message.trim_end_matches('.')
    ))
}

fn received(
    credentials: Option<aws_sdk_sts::types::Credentials>,
    source: &'static str,
) -> provider::Result {
    let Some(credentials) = credentials else {
        return Err(CredentialsError::unhandled(
            "STS answered without credentials",
        ));
    };
    let expires =
        SystemTime::try_from(credentials.expiration).map_err(CredentialsError::unhandled)?;
    Ok(Credentials::new(
        credentials.access_key_id,
        credentials.secret_access_key,
        Some(credentials.session_token),
        Some(expires),
        source,
    ))
}
