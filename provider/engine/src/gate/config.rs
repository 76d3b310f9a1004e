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

impl Gate {
    /// Whether it asks the new side alone, so that what it says is about the new revision. Another URL, or a metric
    /// of the whole service, may be bad for reasons that are not in any image.
    pub(crate) fn is_about_new_side(&self) -> bool {
        match &self.check {
            Check::Http(check) => match check.target {
                ProbeTarget::NewTargets | ProbeTarget::TestListener => true,
                ProbeTarget::Url(_) => false,
            },
            Check::Metric(check) => check.names_new_side(),
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
    /// HTTP requests.
    Http(HttpCheck),
    /// CloudWatch metrics.
    Metric(MetricCheck),
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
    /// Failed rounds after which it has failed; the pause between them doubles from one second up to thirty.
    pub attempts: u32,
    /// Pause between rounds that pass.
    pub interval: Duration,
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
