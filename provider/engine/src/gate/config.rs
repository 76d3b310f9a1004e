//! What gates the user wants, already validated.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

/// All gates of a service and how they are judged together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gates {
    /// The gates.
    pub list: Vec<Gate>,
    /// Least health score to pass, 0–100; `None` when only single gates count.
    pub minimum_score: Option<u32>,
    /// Least percent of checks that must pass, 0–100; `None` when every gate must.
    pub minimum_pass_rate: Option<u32>,
}

/// One gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Name, unique in the service.
    pub name: String,
    /// What kind of check it is: decides time-outs that are not written.
    pub class: GateClass,
    /// Which part of the health score it counts for.
    pub area: Area,
    /// When it is asked.
    pub when: BTreeSet<MomentKind>,
    /// What is asked.
    pub check: Check,
    /// Its verdict is reported, and does not stop the rollout.
    pub observe_only: bool,
    /// What it means when it cannot be decided.
    pub on_inconclusive: Inconclusive,
    /// How long one moment's evaluation may stay undecided before it counts as inconclusive.
    pub time_limit: Duration,
    /// Its place among the others.
    pub flow: Flow,
    /// A target group of the pair that it is about; the first pair when absent.
    pub pair: Option<String>,
}

/// A gate's place among those of its moment, and what follows from its failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Gates of a moment run in ascending order: the next ones begin when these are decided.
    pub order: u32,
    /// What its failure means; without it the health score decides, or it stops the rollout when there is none.
    pub on_failure: Option<OnFailure>,
    /// How long it is measured in a moment before it counts as passed.
    pub watch: Option<Duration>,
}

/// What the failure of one gate means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The same as [`Self::Stop`]; and after the rollout, what was live before is deployed again.
    RollBack,
    /// The rollout is undone, whatever the health score.
    Stop,
    /// The rollout goes on, and the apply warns; it counts for the health score.
    Warn,
}

/// Kinds of checks. Their requests time out after 10, 15, 30 and 60 seconds unless something else is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateClass {
    /// 15 s.
    Api,
    /// 30 s.
    Integration,
    /// 60 s.
    Performance,
    /// 10 s.
    Smoke,
}

/// Parts of the health score, with their weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// 40.
    Basic,
    /// 25.
    Business,
    /// 35.
    Performance,
}

/// When a gate is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MomentKind {
    /// After the rollout has ended well.
    After,
    /// While all traffic is on the new revision and the old one still runs.
    Bake,
    /// Before anything of the rollout is begun.
    BeforeStart,
    /// Before the new revision gets production traffic.
    BeforeTraffic,
    /// At every weight in between.
    Step,
}

/// What it means when a gate cannot be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inconclusive {
    /// The rollout is undone.
    Fail,
    /// The rollout goes on.
    Pass,
}

impl Gates {
    /// Whether a gate asked after the rollout may take it back.
    pub(crate) fn may_go_back(&self) -> bool {
        self.list.iter().any(Gate::goes_back)
    }
}

impl Gate {
    /// Whether its failure after the rollout takes it back.
    pub(crate) fn goes_back(&self) -> bool {
        let is_asked = self.when.contains(&MomentKind::After) && !self.observe_only;
        is_asked && self.flow.on_failure == Some(OnFailure::RollBack)
    }

    /// Whether it asks the new side alone, so that what it says is about the new revision. Another URL, or a metric
    /// of the whole service, may be bad for reasons that are not in any image.
    pub(crate) fn is_about_new_side(&self) -> bool {
        match &self.check {
            Check::Http(check) => match check.target {
                ProbeTarget::NewTargets | ProbeTarget::TestListener => true,
                ProbeTarget::Url(_) => false,
            },
            Check::Metric(check) => check.names_new_side(),
            // The code of the new revision has said so itself.
            Check::Command(_) => true,
            // It is the new version that has answered.
            Check::Invoke(_) => true,
            // What they look at may be bad for reasons that are in no image.
            Check::Connect(_) | Check::Dependency(_) | Check::Function(_) => false,
        }
    }
}

impl Check {
    /// Whether it runs once in a moment, so that watching it for a time means nothing.
    pub fn runs_once(&self) -> bool {
        match self {
            Self::Command(_) | Self::Function(_) | Self::Invoke(_) => true,
            Self::Http(check) => check.load.is_some(),
            Self::Connect(_) | Self::Dependency(_) | Self::Metric(_) => false,
        }
    }
}

impl MetricCheck {
    /// Whether any query is about the new side.
    pub(crate) fn names_new_side(&self) -> bool {
        self.queries.iter().any(|query| match &query.source {
            SideSource::Expression(_) => false,
            SideSource::Metric { dimensions, .. } => dimensions
                .values()
                .any(|it| it.contains("{new_target_group}")),
        })
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// A command in a task of the new revision.
    Command(CommandCheck),
    /// A TCP connection, with or without a TLS handshake.
    Connect(ConnectCheck),
    /// Another service.
    Dependency(DependencyCheck),
    /// A function of AWS Lambda.
    Function(FunctionCheck),
    /// HTTP requests.
    Http(HttpCheck),
    /// A call of the new version of a function.
    Invoke(InvokeCheck),
    /// CloudWatch metrics.
    Metric(MetricCheck),
}

/// How rounds are counted and repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Good rounds in a row that make it pass.
    pub consecutive_passes: u32,
    /// Failed rounds after which it has failed.
    pub attempts: u32,
    /// Pause after a failed round; without one it doubles from one second up to thirty.
    pub retry_delay: Option<Duration>,
    /// Pause between rounds that pass; without one it is not repeated.
    pub interval: Option<Duration>,
}

/// Pause between two looks at what is not changed by this rollout.
const OUTSIDE: Duration = Duration::from_secs(15);

impl Rounds {
    /// One good answer is enough, and it is not asked again.
    fn once(attempts: u32) -> Self {
        Self {
            consecutive_passes: 1,
            attempts,
            retry_delay: None,
            interval: None,
        }
    }

    /// One good answer is enough, and it is asked again while the moment lasts.
    fn outside(attempts: u32) -> Self {
        Self {
            interval: Some(OUTSIDE),
            ..Self::once(attempts)
        }
    }
}

impl From<&HttpCheck> for Rounds {
    fn from(check: &HttpCheck) -> Self {
        match check.load {
            Some(_) => Self::once(check.attempts),
            None => Self {
                consecutive_passes: check.consecutive_passes,
                attempts: check.attempts,
                retry_delay: check.retry_delay,
                interval: Some(check.interval),
            },
        }
    }
}

impl From<&CommandCheck> for Rounds {
    fn from(check: &CommandCheck) -> Self {
        Self::once(check.attempts)
    }
}

impl From<&FunctionCheck> for Rounds {
    fn from(check: &FunctionCheck) -> Self {
        Self::once(check.attempts)
    }
}

impl From<&InvokeCheck> for Rounds {
    fn from(check: &InvokeCheck) -> Self {
        Self::once(check.attempts)
    }
}

impl From<&ConnectCheck> for Rounds {
    fn from(check: &ConnectCheck) -> Self {
        Self::outside(check.attempts)
    }
}

impl From<&DependencyCheck> for Rounds {
    fn from(check: &DependencyCheck) -> Self {
        Self::outside(check.attempts)
    }
}

/// A command that is run in a task of the new revision: with its task definition, its launch type and its network, beside the
/// service. It passes with exit code 0.
#[derive(Clone, PartialEq, Eq)]
pub struct CommandCheck {
    /// The container; may be absent where there is only one, or where the load balancer names one.
    pub container: Option<String>,
    /// Its command.
    pub command: Vec<String>,
    /// Variables of its environment, besides the definition's.
    pub environment: BTreeMap<String, String>,
    /// Tasks that may fail before it has failed.
    pub attempts: u32,
}

impl std::fmt::Debug for CommandCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values of the environment are nobody's business.
        f.debug_struct("CommandCheck")
            .field("container", &self.container)
            .finish_non_exhaustive()
    }
}

/// A function that says whether the new revision is good.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCheck {
    /// Name, `name:alias` or ARN.
    pub function: String,
    /// What it gets as `payload` of its event.
    pub payload: serde_json::Value,
    /// How long it may take.
    pub timeout: Duration,
    /// Calls that may fail before it has failed.
    pub attempts: u32,
}

/// A function that is called as its users call it, and must answer as expected.
#[derive(Clone, PartialEq)]
pub struct InvokeCheck {
    /// The function with its version, such as `checkout:7`.
    pub function: String,
    /// The event that it gets.
    pub payload: serde_json::Value,
    /// What is expected of its answer; it has no status and no latency of its own.
    pub expect: Expectation,
    /// How long it may take.
    pub timeout: Duration,
    /// Calls that may fail before it has failed.
    pub attempts: u32,
}

impl std::fmt::Debug for InvokeCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Events are nobody's business.
        f.debug_struct("InvokeCheck")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

/// A connection that must come about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectCheck {
    /// Name or IP address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// With it, a TLS handshake follows.
    pub tls: Option<TlsCheck>,
    /// How long it may take.
    pub timeout: Duration,
    /// Connections that may fail before it has failed.
    pub attempts: u32,
}

/// What a certificate must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsCheck {
    /// Whom it must be for.
    pub server_name: String,
    /// Least days for which it must be valid.
    pub minimum_days: u32,
}

/// Another service that must be in good health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyCheck {
    /// Cluster name or ARN; the service's own when absent.
    pub cluster: Option<String>,
    /// Service name.
    pub service: String,
    /// Least share of its desired tasks that run, and are healthy behind its load balancer: 0–100.
    pub minimum_score: u32,
    /// Looks that may fail before it has failed.
    pub attempts: u32,
}

/// Many requests at once instead of one round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// How many.
    pub requests: u32,
    /// How many at a time.
    pub concurrency: u32,
    /// Most time that 95 of 100 requests may take.
    pub p95: Option<Duration>,
    /// Most percent of requests that may fail, 0–100.
    pub max_errors: f64,
}

/// HTTP requests that must be answered as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpCheck {
    /// Who is asked.
    pub target: ProbeTarget,
    /// Path with query, such as `/health`; unused with [`ProbeTarget::Url`].
    pub path: String,
    /// Method.
    pub method: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Option<String>,
    /// What is expected.
    pub expect: Expectation,
    /// How long one request may take.
    pub timeout: Duration,
    /// Rounds in a row in which every target must answer as expected.
    pub consecutive_passes: u32,
    /// Failed rounds after which it has failed.
    pub attempts: u32,
    /// Pause after a failed round; without one it doubles from one second up to thirty.
    pub retry_delay: Option<Duration>,
    /// Pause between rounds that pass.
    pub interval: Duration,
    /// With it, a round is this many requests, and there is one round.
    pub load: Option<Load>,
}

/// Who is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeTarget {
    /// Every registered target of the new side, by its address and port.
    NewTargets,
    /// The load balancer, at the port of the test listener.
    TestListener,
    /// This URL.
    Url(String),
}

/// What a response must be. Everything written must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// Status codes; 200–299 when empty.
    pub status: Vec<RangeInclusive<u16>>,
    /// Text the body contains.
    pub body_contains: Option<String>,
    /// JSON pointer (RFC 6901) → value.
    pub json: BTreeMap<String, serde_json::Value>,
    /// Most time to the end of the body.
    pub latency: Option<Duration>,
}

/// A number from CloudWatch, and when it is good.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricCheck {
    /// Queries; each metric can be bound to the new (or old) side.
    pub queries: Vec<SideQuery>,
    /// Id of the query whose newest value is judged.
    pub result: String,
    /// When a value is good. Absent with `compare` alone.
    pub success: Option<Condition>,
    /// When a value is bad; a value that is neither counts as undecided. Absent: whatever is not good is bad.
    pub failure: Option<Condition>,
    /// Most percent by which the new side's value may be above the old side's.
    pub compare_percent: Option<f64>,
    /// The band of expected values in which the value must be.
    pub anomaly: Option<Anomaly>,
    /// Time between measurements.
    pub interval: Duration,
    /// Time before the first one of a moment.
    pub initial_delay: Duration,
    /// Bad measurements in one moment that are forgiven.
    pub failure_limit: u32,
    /// Good measurements in a row that make it pass.
    pub consecutive_successes: u32,
    /// What a measurement without data means.
    pub no_data: MissingData,
    /// What `NaN` (such as 0 errors of 0 requests) means.
    pub not_a_number: MissingData,
    /// Requests that the new side must get in a period for its value to count (Application Load Balancer); fewer
    /// are no data. Every value counts when absent.
    pub minimum_requests: Option<u32>,
}

/// A band of values that CloudWatch expects, from what it has seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Anomaly {
    /// Id of the query whose band it is.
    pub of: String,
    /// Half of its width, in standard deviations.
    pub width: f64,
    /// Where a value is bad.
    pub outside: Outside,
}

/// On which side of the band a value is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Above it.
    Above,
    /// Below it.
    Below,
    /// On both.
    Either,
}

/// What a measurement without a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingData {
    /// A bad measurement.
    Fail,
    /// Not decided; after the gate's time limit it is inconclusive.
    Inconclusive,
    /// A good measurement.
    Pass,
}

/// One query of a metric gate.
#[derive(Clone, Debug, PartialEq)]
pub struct SideQuery {
    /// Id, as in metric math.
    pub id: String,
    /// What is asked.
    pub source: SideSource,
}

/// What a query asks.
#[derive(Clone, Debug, PartialEq)]
pub enum SideSource {
    /// Metric math over ids.
    Expression(String),
    /// A metric as it is.
    Metric {
        /// Namespace.
        namespace: String,
        /// Name.
        name: String,
        /// Dimensions. Values may hold `{new_target_group}`, `{old_target_group}`, `{load_balancer}` (ARN
        /// suffixes as CloudWatch has them), `{cluster}` and `{service}`.
        dimensions: BTreeMap<String, String>,
        /// Statistic.
        statistic: String,
        /// Seconds.
        period_seconds: u32,
    },
}

/// A comparison with a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    /// How.
    pub operator: Operator,
    /// With what.
    pub value: f64,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}
