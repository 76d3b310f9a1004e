//! The provider itself: its configuration and the list of everything it offers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use switchyard_engine::IgnoredTags;
use switchyard_engine::ports::Ports;
use tfplugin::action::DynAction;
use tfplugin::data_source::DynDataSource;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::function::Function;
use tfplugin::list::DynList;
use tfplugin::provider::{ConfigureRequest, Configured, Provider};
use tfplugin::resource::DynResource;
use tfplugin::schema::validators::{
    between, each, keys, length_between, not_empty, one_of, parses, string,
};
use tfplugin::schema::{Attributes, Schema, Validator};
use tfplugin::value::{Attr, FromValue, Path, Value};

use crate::actions::{ApproveDeployment, EmergencyScale, Rollback, RunMigration};
use crate::alarm_set::AlarmSet;
use crate::blue_green_function::BlueGreenFunction;
use crate::blue_green_service::BlueGreenService;
use crate::called;
use crate::client::Client;
use crate::cost_range::CostRange as CostRangeData;
use crate::dashboard::Dashboard;
use crate::deployment_snapshot::DeploymentSnapshot;
use crate::duration;
use crate::functions::{
    AppSpec, CheckTask, CostRange, FargateSize, Image, LastDeployment, RolloutMinutes,
};
use crate::listener_rule::ListenerRule;
use crate::lists::{BlueGreenServices, DeploymentSnapshotList, ListenerRules, ScalingPolicySets};
use crate::migration_task::MigrationTask;
use crate::names;
use crate::notices::{self, NotifyBlocks};
use crate::recovery_plan::RecoveryPlanData;
use crate::region::InRegion;
use crate::scaling_policy_set::ScalingPolicySet;
use crate::service_group::ServiceGroup;
use crate::snapshots::{DeploymentSnapshotData, DeploymentSnapshotDiff, DeploymentSnapshots};
use crate::tags::Tagging;

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
    /// Where applies say what changes: `tty` or a path.
    pub progress: Option<String>,
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
pub const ENDPOINT_SERVICES: [&str; 19] = [
    "acm",
    "applicationautoscaling",
    "cloudwatch",
    "codedeploy",
    "ec2",
    "ecr",
    "ecs",
    "elasticloadbalancingv2",
    "events",
    "iam",
    "lambda",
    "logs",
    "rds",
    "s3",
    "secretsmanager",
    "servicequotas",
    "sns",
    "ssm",
    "sts",
];

/// The provider.
#[derive(Clone)]
pub struct Switchyard {
    connect: Arc<dyn Connect>,
    freeze_override: Option<String>,
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
            freeze_override: None,
        }
    }

    /// Deployments go on in spite of a freeze, for this reason; nothing but spaces is no reason.
    #[must_use]
    pub fn overriding_freezes(mut self, reason: Option<String>) -> Self {
        self.freeze_override = reason
            .map(|reason| reason.trim().to_owned())
            .filter(|reason| !reason.is_empty());
        self
    }
}

/// Zero-downtime deployments on Amazon ECS. Credentials come from the same sources as for the AWS tools: environment
/// variables, shared configuration files, web identity, container and instance roles.
#[derive(Attributes, Clone, Default)]
struct Config {
    /// AWS region of what has no `region` of its own. Defaults to `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's
    /// region.
    #[attr(optional, validate(names::region()))]
    region: Attr<String>,
    /// Profile of the shared configuration files. Defaults to `AWS_PROFILE`.
    #[attr(optional, validate(not_empty()))]
    profile: Attr<String>,
    /// One URL for all services, such as a test endpoint on loopback. Defaults to `AWS_ENDPOINT_URL`.
    #[attr(optional, validate(url()))]
    endpoint: Attr<String>,
    /// URLs by service, such as `ecs` or `elasticloadbalancingv2`. They override `endpoint`.
    #[attr(
        optional,
        null_elements,
        validate(keys(one_of(ENDPOINT_SERVICES)), each(url()))
    )]
    endpoints: Attr<BTreeMap<String, Attr<String>>>,
    /// How often a call is retried after a temporary failure. Defaults to 5 times, and 30 times more (about five
    /// minutes) while AWS throttles calls.
    #[attr(optional, validate(between(0, 100)))]
    max_retries: Attr<i64>,
    /// Accounts that this configuration may use. Any other account is an error before any change.
    #[attr(optional, validate(each(account_id())))]
    allowed_account_ids: Attr<BTreeSet<String>>,
    /// Tags for everything that this provider creates. The `tags` of a resource override them.
    #[attr(optional, null_elements)]
    default_tags: Attr<BTreeMap<String, Attr<String>>>,
    /// Tags that somebody else manages, on everything that this provider manages. They are not read, and no apply sets,
    /// changes or removes them, even if `tags` or `default_tags` names them.
    #[attr(block)]
    ignore_tags: Attr<IgnoreTagsConfig>,
    /// HTTP proxy through which the requests of gates go, for targets that cannot be reached from here (such as those in
    /// a VPC): `http://[USER:PASSWORD@]HOST:PORT`. Defaults to `SWITCHYARD_PROBE_PROXY`; without both, requests go
    /// directly.
    #[attr(optional, sensitive, validate(proxy()))]
    probe_proxy: Attr<String>,
    /// Where an apply writes one line for each change of a deployment while it runs: `tty` for the terminal, the path of a
    /// file that gets one JSON object per line, or `github` for the file in the folder of a GitHub runner that
    /// `switchyard watch --format github` shows in the log of the step. Defaults to `SWITCHYARD_PROGRESS`; without both, nothing is
    /// written. An apply neither waits for nor fails because of what reads it.
    #[attr(optional, validate(not_empty()))]
    progress: Attr<String>,
    /// Who is notified of deployments; a service with `notify` blocks of its own notifies only those.
    #[attr(block)]
    notify: NotifyBlocks,
    /// Sends metrics of each deployment to CloudWatch: `DeploymentSuccess`, `DeploymentFailure`, `RollbackTriggered`,
    /// `DeploymentDuration`, `HealthCheckDuration` and `LeadTime`. Without the block nothing is sent.
    #[attr(block)]
    deployment_metrics: Attr<DeploymentMetricsConfig>,
    /// Role to assume with the credentials found.
    #[attr(block)]
    assume_role: Attr<AssumeRoleConfig>,
}

/// `ignore_tags`.
#[derive(Attributes, Clone, Default)]
struct IgnoreTagsConfig {
    /// Keys of the tags, exactly as they are spelled.
    #[attr(optional, validate(each(not_empty())))]
    keys: Attr<BTreeSet<String>>,
    /// Beginnings of keys, such as `"kubernetes.io/"`.
    #[attr(optional, validate(each(not_empty())))]
    key_prefixes: Attr<BTreeSet<String>>,
}

/// `deployment_metrics`.
#[derive(Attributes, Clone, Default)]
struct DeploymentMetricsConfig {
    /// Namespace of the metrics. Defaults to `Custom/DeploymentHealth`.
    #[attr(optional, validate(namespace()))]
    namespace: Attr<String>,
}

/// `assume_role`.
#[derive(Attributes, Clone, Default)]
struct AssumeRoleConfig {
    /// Role ARN.
    #[attr(required, validate(role()))]
    role_arn: Attr<String>,
    /// Session name, visible in CloudTrail. Default: `switchyard`.
    #[attr(optional, validate(length_between(2, 64)))]
    session_name: Attr<String>,
    /// External id.
    #[attr(optional, validate(length_between(2, 1224)))]
    external_id: Attr<String>,
    /// Lifetime of the credentials, `15m` to `12h`.
    #[attr(optional, validate(parses("must be a duration", duration::parse)))]
    duration: Attr<String>,
}

#[async_trait]
impl Provider for Switchyard {
    type Client = Client;

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0).code(called::INVALID)
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        // Anything else may be unknown now, down to one account of a list: configuring waits until all of it is known.
        let blocks = match config {
            Value::Object(parts) => parts.get("notify").map(NotifyBlocks::from_value),
            _ => None,
        };
        let known = blocks.and_then(Result::ok);
        known.iter().flat_map(notices::wrong).collect()
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
        let wrong: Diagnostics = notices::wrong(&config.notify).into_iter().collect();
        if wrong.has_errors() {
            return Err(wrong);
        }
        let (targets, metrics) = (notices::targets(&config.notify), metrics_namespace(&config));
        let tagging = Tagging::new(known_map(&config.default_tags), ignored(&config));
        let ports = self
            .connect
            .connect(&connection(config))
            .map_err(|error| diagnostic(&error))?;
        let client = Client::new(ports, tagging);
        let client = client
            .overriding_freezes(self.freeze_override.clone())
            .telling(targets)
            .measuring(metrics);
        Ok(Configured::ready(client))
    }

    fn apply_begins(&self, client: &Client) {
        client.apply_begins();
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Client>>> {
        vec![
            Box::new(InRegion(AlarmSet)),
            Box::new(InRegion(BlueGreenFunction)),
            Box::new(InRegion(BlueGreenService)),
            Box::new(Dashboard),
            Box::new(InRegion(DeploymentSnapshot)),
            Box::new(InRegion(ListenerRule)),
            Box::new(InRegion(MigrationTask)),
            Box::new(InRegion(ScalingPolicySet)),
            Box::new(InRegion(ServiceGroup)),
        ]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Client>>> {
        vec![
            Box::new(InRegion(CostRangeData)),
            Box::new(InRegion(DeploymentSnapshotData)),
            Box::new(InRegion(DeploymentSnapshotDiff)),
            Box::new(InRegion(DeploymentSnapshots)),
            Box::new(RecoveryPlanData),
        ]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynList<Client>>> {
        vec![
            Box::new(BlueGreenServices),
            Box::new(DeploymentSnapshotList),
            Box::new(ListenerRules),
            Box::new(ScalingPolicySets),
        ]
    }

    fn actions(&self) -> Vec<Box<dyn DynAction<Client>>> {
        vec![
            Box::new(ApproveDeployment),
            Box::new(EmergencyScale),
            Box::new(Rollback),
            Box::new(RunMigration),
        ]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![
            Box::new(AppSpec),
            Box::new(CheckTask),
            Box::new(CostRange),
            Box::new(FargateSize),
            Box::new(Image),
            Box::new(LastDeployment),
            Box::new(RolloutMinutes),
        ]
    }
}

fn ignored(config: &Config) -> IgnoredTags {
    let Some(ignored) = config.ignore_tags.known() else {
        return IgnoredTags::default();
    };
    let set = |words: &Attr<BTreeSet<String>>| words.known().cloned().unwrap_or_default();
    IgnoredTags::new(set(&ignored.keys), set(&ignored.key_prefixes))
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
        progress: config.progress.into_known(),
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

/// Where metrics of deployments go, if anywhere.
fn metrics_namespace(config: &Config) -> Option<String> {
    let wanted = config.deployment_metrics.known()?;
    Some(
        wanted
            .namespace
            .clone()
            .known_or(switchyard_notify::health::NAMESPACE.to_owned()),
    )
}

/// A namespace as PutMetricData takes it; those of AWS's own begin with `AWS/`.
fn namespace() -> impl Validator + Clone {
    string(
        "must be a namespace of CloudWatch: up to 255 letters, digits, spaces and . - _ / # :, not beginning with `:` or `AWS/`",
        |text| {
            (1..=255).contains(&text.trim().len())
                && !text.starts_with(':')
                && !text.starts_with("AWS/")
                && text
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || ".-_/#: ".contains(c))
        },
    )
}

fn account_id() -> impl Validator + Clone {
    string("must be a 12-digit account id", |text| {
        text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn role() -> impl Validator + Clone {
    string("must be an IAM role ARN", |text| {
        text.starts_with("arn:") && text.contains(":role/")
    })
}

fn proxy() -> impl Validator + Clone {
    string(
        "must be the URL of an HTTP proxy, such as http://10.0.0.1:3128",
        |text| {
            text.strip_prefix("http://")
                .is_some_and(|rest| !rest.is_empty())
        },
    )
}

fn url() -> impl Validator + Clone {
    string(
        "must be a URL that starts with http:// or https://",
        |text| {
            (text.starts_with("http://") || text.starts_with("https://")) && names::is_visible(text)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl Connect for Nowhere {
        fn connect(&self, _: &Connection) -> Result<Ports, ConnectError> {
            Err(ConnectError {
                attribute: None,
                summary: "nowhere".to_owned(),
                detail: String::new(),
            })
        }
    }

    /// `allowed_account_ids = [data.aws_caller_identity.current.account_id]`: the list is known, and its element is not.
    #[test]
    fn a_block_with_an_unknown_part_is_valid() {
        let unknown = Value::unknown();
        let config = Value::object([("allowed_account_ids", Value::Set(vec![unknown]))]);
        let said = Switchyard::new(Nowhere).validate(&config);
        assert!(!said.has_errors(), "{said:?}");
    }
}
