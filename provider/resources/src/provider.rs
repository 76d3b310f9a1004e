//! The provider itself: its configuration and the list of everything it offers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use switchyard_engine::ports::Ports;
use tfplugin::data_source::DynDataSource;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::provider::{ConfigureRequest, Configured, Provider};
use tfplugin::resource::DynResource;
use tfplugin::schema::validators::{
    between, each, keys, length_between, not_empty, parses, string, whole_number,
};
use tfplugin::schema::{Attribute, Nesting, Schema};
use tfplugin::value::{Attr, FromValue, Path, Type, Value};

use crate::blue_green_service::BlueGreenService;
use crate::called;
use crate::claims::Claims;
use crate::deployment_snapshot::DeploymentSnapshot;
use crate::duration;
use crate::listener_rule::{ListenerRule, MadeRules};
use crate::names;
use crate::scaling_policy_set::ScalingPolicySet;
use crate::snapshots::{DeploymentSnapshotData, DeploymentSnapshotDiff, DeploymentSnapshots};
use crate::tags::Tags;

/// What every operation gets: the ports to AWS and the provider's default tags.
#[derive(Clone, Debug)]
pub struct Client {
    ports: Ports,
    default_tags: Tags,
    claims: Arc<Claims>,
    made_rules: Arc<MadeRules>,
}

impl Client {
    /// A client; `default_tags` are added to everything that has tags.
    pub fn new(ports: Ports, default_tags: Tags) -> Self {
        Self {
            ports,
            default_tags,
            claims: Arc::default(),
            made_rules: Arc::default(),
        }
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn default_tags(&self) -> &Tags {
        &self.default_tags
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn made_rules(&self) -> &MadeRules {
        &self.made_rules
    }
}

/// The `provider "switchyard"` block, parsed: how to reach AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// Region; the environment and the profile decide when absent.
    pub region: Option<String>,
    /// Named profile of the shared configuration files.
    pub profile: Option<String>,
    /// Role to assume with the base credentials.
    pub assume_role: Option<AssumeRole>,
    /// One endpoint for every service.
    pub endpoint: Option<String>,
    /// Endpoints by service; they win over `endpoint`.
    pub endpoints: BTreeMap<String, String>,
    /// Attempts after the first one.
    pub max_retries: Option<u32>,
    /// Accounts this configuration may touch; empty means any.
    pub allowed_account_ids: BTreeSet<String>,
    /// HTTP proxy through which requests of gates go.
    pub probe_proxy: Option<ProbeProxy>,
}

/// URL of an HTTP proxy. It may hold a password, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProbeProxy(String);

impl ProbeProxy {
    /// The URL, to be used and never to be shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ProbeProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProbeProxy(redacted)")
    }
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// Role ARN.
    pub role_arn: String,
    /// Session name; `switchyard` when absent.
    pub session_name: Option<String>,
    /// External id some roles demand.
    pub external_id: Option<String>,
    /// Life of the credentials.
    pub duration: Option<Duration>,
}

/// Connecting is impossible with this configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{summary}")]
pub struct ConnectError {
    /// The provider attribute it is about.
    pub attribute: Option<&'static str>,
    /// One line.
    pub summary: String,
    /// What is true, why, and what to do.
    pub detail: String,
}

/// Makes ports from a connection. Must not touch the network: Terraform configures providers several times
/// per command.
pub trait Connect: Send + Sync + 'static {
    /// The ports.
    ///
    /// # Errors
    /// When something needed is missing, such as the region.
    fn connect(&self, connection: &Connection) -> Result<Ports, ConnectError>;
}

/// The services whose endpoint can be set.
pub const ENDPOINT_SERVICES: [&str; 12] = [
    "applicationautoscaling",
    "cloudwatch",
    "codedeploy",
    "ecr",
    "ecs",
    "elasticloadbalancingv2",
    "logs",
    "s3",
    "secretsmanager",
    "servicequotas",
    "ssm",
    "sts",
];

/// The provider.
#[derive(Clone)]
pub struct Switchyard {
    connect: Arc<dyn Connect>,
}

impl fmt::Debug for Switchyard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switchyard").finish_non_exhaustive()
    }
}

impl Switchyard {
    /// A provider that reaches AWS through `connect`.
    pub fn new(connect: impl Connect) -> Self {
        Self {
            connect: Arc::new(connect),
        }
    }
}

tfplugin::object! {
    struct Config {
        region: Attr<String>,
        profile: Attr<String>,
        assume_role: Attr<AssumeRoleConfig>,
        endpoint: Attr<String>,
        endpoints: Attr<BTreeMap<String, Attr<String>>>,
        max_retries: Attr<i64>,
        allowed_account_ids: Attr<BTreeSet<String>>,
        default_tags: Attr<BTreeMap<String, Attr<String>>>,
        probe_proxy: Attr<String>,
    }
}

tfplugin::object! {
    struct AssumeRoleConfig {
        role_arn: Attr<String>,
        session_name: Attr<String>,
        external_id: Attr<String>,
        duration: Attr<String>,
    }
}

#[async_trait]
impl Provider for Switchyard {
    type Client = Client;

    fn schema(&self) -> Schema {
        schema()
    }

    async fn configure(
        &self,
        request: ConfigureRequest,
    ) -> Result<Configured<Client>, Diagnostics> {
        let unknown = unknown_paths(&request.config);
        if !unknown.is_empty() {
            return Ok(Configured::waiting_for(unknown));
        }
        let config = Config::from_value(&request.config)
            .map_err(|cause| Diagnostics::bug("configuring the provider", cause))?;
        let default_tags = known_map(&config.default_tags);
        let ports = self
            .connect
            .connect(&connection(config))
            .map_err(|error| diagnostic(&error))?;
        Ok(Configured::ready(Client::new(ports, default_tags)))
    }

    fn apply_begins(&self, client: &Client) {
        client.ports().services.apply_begins();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Client>>> {
        vec![
            Box::new(BlueGreenService),
            Box::new(DeploymentSnapshot),
            Box::new(ListenerRule),
            Box::new(ScalingPolicySet),
        ]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Client>>> {
        vec![
            Box::new(DeploymentSnapshotData),
            Box::new(DeploymentSnapshotDiff),
            Box::new(DeploymentSnapshots),
        ]
    }
}

fn connection(config: Config) -> Connection {
    let assume_role = config.assume_role.into_known().and_then(|role| {
        Some(AssumeRole {
            role_arn: role.role_arn.into_known()?,
            session_name: role.session_name.into_known(),
            external_id: role.external_id.into_known(),
            duration: role
                .duration
                .known()
                .and_then(|text| duration::parse(text).ok()),
        })
    });
    Connection {
        region: config.region.into_known(),
        profile: config.profile.into_known(),
        assume_role,
        endpoint: config.endpoint.into_known(),
        endpoints: known_map(&config.endpoints),
        max_retries: config
            .max_retries
            .into_known()
            .and_then(|retries| u32::try_from(retries).ok()),
        allowed_account_ids: config.allowed_account_ids.known_or(BTreeSet::new()),
        probe_proxy: config.probe_proxy.into_known().map(ProbeProxy),
    }
}

/// The entries that have a value: `key = null` is the same as not writing the key.
fn known_map(map: &Attr<BTreeMap<String, Attr<String>>>) -> BTreeMap<String, String> {
    let entries = map.known().into_iter().flatten();
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.known()?.clone())))
        .collect()
}

fn unknown_paths(config: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    config.walk(&mut |path, value| {
        if value.is_unknown() {
            paths.push(path.clone());
        }
    });
    paths
}

fn diagnostic(error: &ConnectError) -> Diagnostics {
    let diagnostic = Diagnostic::error(error.summary.clone(), error.detail.clone());
    match error.attribute {
        Some(name) => diagnostic.at(Path::root().attribute(name)).into(),
        None => diagnostic.into(),
    }
}

fn schema() -> Schema {
    Schema::new(0)
        .code(called::INVALID)
        .description(
            "Zero-downtime deployments on Amazon ECS. Credentials come from where the AWS tools take them: \
             environment variables, shared configuration files, web identity, container and instance roles.",
        )
        .attribute(Attribute::string("region").optional().validator(string("must be a region, such as `eu-west-1`", names::is_region)).description(
            "AWS region. Defaults to `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's region.",
        ))
        .attribute(
            Attribute::string("profile")
                .optional()
                .validator(not_empty())
                .description("Profile of the shared configuration files. Defaults to `AWS_PROFILE`."),
        )
        .attribute(
            Attribute::nested("assume_role", Nesting::Single, assume_role())
                .optional()
                .description("Role to assume with the credentials found."),
        )
        .attribute(Attribute::string("endpoint").optional().validator(url()).description(
            "One URL for all services, such as a test endpoint on loopback. Defaults to `AWS_ENDPOINT_URL`.",
        ))
        .attribute(
            Attribute::map("endpoints", Type::String)
                .optional()
                .null_elements()
                .validator(keys(tfplugin::schema::validators::one_of(ENDPOINT_SERVICES)))
                .validator(each(url()))
                .description(
                    "URLs by service (`ecs`, `elasticloadbalancingv2`, `codedeploy`, `applicationautoscaling`, \
                     `cloudwatch`, `ecr`, `logs`, `s3`, `secretsmanager`, `servicequotas`, `ssm`, `sts`). They win over `endpoint`.",
                ),
        )
        .attribute(
            Attribute::number("max_retries")
                .optional()
                .validator(whole_number())
                .validator(between(0, 100))
                .description(
                    "How often a call is tried again after a failure that may pass. When absent: 5 times, and 30 times more \
                     (about five minutes) while AWS says that there are too many calls.",
                ),
        )
        .attribute(
            Attribute::set("allowed_account_ids", Type::String)
                .optional()
                .validator(each(string("must be a 12-digit account id", |text| {
                    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
                })))
                .description("Accounts this configuration may touch. Any other account is an error before any change."),
        )
        .attribute(
            Attribute::map("default_tags", Type::String)
                .optional()
                .null_elements()
                .description("Tags for everything this provider creates. A resource's own `tags` win."),
        )
        .attribute(
            Attribute::string("probe_proxy")
                .optional()
                .sensitive()
                .validator(string("must be the URL of an HTTP proxy, such as http://10.0.0.1:3128", |text| {
                    text.strip_prefix("http://").is_some_and(|rest| !rest.is_empty())
                }))
                .description(
                    "HTTP proxy through which the requests of gates go, for targets that cannot be reached from here \
                     (such as those in a VPC): `http://[USER:PASSWORD@]HOST:PORT`. Defaults to \
                     `SWITCHYARD_PROBE_PROXY`; without both, requests go directly.",
                ),
        )
}

fn assume_role() -> Vec<Attribute> {
    vec![
        Attribute::string("role_arn")
            .required()
            .validator(string("must be an IAM role ARN", |text| {
                text.starts_with("arn:") && text.contains(":role/")
            }))
            .description("Role ARN."),
        Attribute::string("session_name")
            .optional()
            .validator(length_between(2, 64))
            .description("Session name, visible in CloudTrail. Default: `switchyard`."),
        Attribute::string("external_id")
            .optional()
            .validator(length_between(2, 1224))
            .description("External id."),
        Attribute::string("duration")
            .optional()
            .validator(parses("must be a duration", duration::parse))
            .description("Life of the credentials, `15m` to `12h`."),
    ]
}

fn url() -> impl tfplugin::schema::Validator + Clone {
    string(
        "must be a URL that starts with http:// or https://",
        |text| {
            (text.starts_with("http://") || text.starts_with("https://")) && names::is_visible(text)
        },
    )
}
