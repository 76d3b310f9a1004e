//! The world seen from the network: who listens, by which rules requests travel, and what answers.

use serde::Serialize;

use crate::image::ImageBehaviour;
use crate::time::Timestamp;

/// A snapshot of everything that carries traffic, in every region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataPlane {
    /// All listeners of all load balancers.
    pub listeners: Vec<Listener>,
    /// All target groups.
    pub target_groups: Vec<TargetGroup>,
    /// All tasks that run.
    pub tasks: Vec<Task>,
    /// All names that Service Connect's proxies know.
    pub names: Vec<ConnectName>,
}

/// A name under which the tasks of a cluster reach a service with Service Connect.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectName {
    /// The name.
    pub dns_name: String,
    /// The port that clients use.
    pub port: u16,
    /// The tasks behind it, each with its weight.
    pub targets: Vec<(Target, u32)>,
    /// During a deployment that moves traffic, once its test traffic has moved: which requests reach the new revision,
    /// and its tasks.
    pub test: Option<(TestHeader, Vec<Target>)>,
}

/// The header of test traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestHeader {
    /// Its name.
    pub name: String,
    /// Its whole value; any value when there is none.
    pub value: Option<String>,
}

/// A listener with its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// The listener's ARN.
    pub arn: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`.
    pub protocol: String,
    /// The port clients connect to.
    pub port: u16,
    /// The load balancer it belongs to.
    pub load_balancer_arn: String,
    /// That load balancer's DNS name.
    pub dns_name: String,
    /// In the order they are tried; the default rule comes last. A network load balancer has the default alone.
    pub rules: Vec<Rule>,
}

/// A listener rule: the first whose conditions all hold decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The rule's ARN (of a network load balancer: the listener's).
    pub arn: String,
    /// 1–50000; `None` for the default rule.
    pub priority: Option<u32>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// What happens.
    pub action: Action,
}

/// What a request must look like; each holds when one of its values does. `*` and `?` are wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The `Host` header.
    Host(Vec<String>),
    /// The path.
    Path(Vec<String>),
    /// A named header.
    Header {
        /// Its name, in any case.
        name: String,
        /// Any of these, with `*` and `?`.
        values: Vec<String>,
    },
    /// The method.
    Method(Vec<String>),
    /// Query parameters; without a key any key may carry the value.
    Query(Vec<(Option<String>, String)>),
    /// The client's address, as CIDR blocks.
    SourceIp(Vec<String>),
    /// A condition this model does not know; it never holds.
    Unknown(String),
}

/// What a rule does with a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Passes it on to one of the groups, by weight.
    Forward {
        /// Group ARN and weight (0–999). All weights zero: nobody answers (503).
        groups: Vec<(String, u32)>,
        /// How long a client stays with the group it met first; `None` when stickiness is off.
        stickiness_seconds: Option<u32>,
    },
    /// Sends the client elsewhere; placeholders such as `#{host}` are AWS's.
    Redirect {
        /// `HTTP_301` or `HTTP_302`.
        status_code: String,
        /// `HTTP`, `HTTPS` or `#{protocol}`.
        protocol: String,
        /// The host's name.
        host: String,
        /// The port's number as text.
        port: String,
        /// The path, from its slash on.
        path: String,
        /// The query, without its question mark.
        query: String,
    },
    /// Answers by itself.
    FixedResponse {
        /// The HTTP status.
        status_code: u16,
        /// The media type of the body.
        content_type: String,
        /// The body itself.
        body: String,
    },
    /// An action this model does not carry out (authentication).
    Other(String),
}

/// A target group with its targets.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetGroup {
    /// The group's ARN.
    pub arn: String,
    /// The group's name.
    pub name: String,
    /// Where the health check asks (`/`).
    pub health_check_path: String,
    /// Its targets, in any state.
    pub targets: Vec<Target>,
}

/// A registered target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An IP address or an instance id.
    pub id: String,
    /// The port traffic goes to.
    pub port: u16,
    /// Its state, AWS's word (`initial`, `healthy`, `unhealthy`, `unused`, `draining`).
    pub health: String,
}

/// A running task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Task {
    /// The task's ARN.
    pub arn: String,
    /// Its address inside the world.
    pub ip: String,
    /// Its containers that listen, each with its ports.
    pub containers: Vec<TaskContainer>,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The service revision's ARN, when a service started it.
    pub revision: Option<String>,
    /// When it reached RUNNING.
    pub started_at: Timestamp,
}

/// A container of a running task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskContainer {
    /// Its name in the task definition.
    pub name: String,
    /// Its image reference.
    pub image: String,
    /// The ports it listens on.
    pub ports: Vec<u16>,
    /// What it does.
    #[serde(skip)]
    pub behaviour: ImageBehaviour,
}
