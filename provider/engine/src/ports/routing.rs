//! Elastic Load Balancing v2: where traffic goes.

use switchyard_rollout::weights::Share;

use super::Result;

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Full ARN.
    pub arn: String,
    /// Name, unique in the region; CodeDeploy refers to groups by it.
    pub name: String,
    /// ARNs of the load balancers that route to it; empty = not attached to any listener.
    pub load_balancers: Vec<String>,
    /// How targets are registered.
    pub target_type: TargetType,
    /// Path that the health check asks for; absent where it only connects.
    pub health_check_path: Option<String>,
    /// Port that the health check asks, or `traffic-port`; absent when AWS does not say.
    pub health_check_port: Option<String>,
    /// Seconds between health checks.
    pub health_check_interval: u32,
    /// Passes in a row before a target is healthy.
    pub healthy_threshold: u32,
}

/// One target group in a forward action. Weights are 0–999 and relative to their sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightedTarget {
    /// Target group ARN.
    pub target_group: String,
    /// 0–999.
    pub weight: u32,
}

/// What a forward action gives to one group.
pub fn share_of(forward: &[WeightedTarget], group: &str) -> Share {
    let sum = |is_counted: &dyn Fn(&WeightedTarget) -> bool| -> u64 {
        let counted = forward.iter().filter(|it| is_counted(it));
        counted.map(|it| u64::from(it.weight)).sum()
    };
    Share::of_weights(sum(&|it| it.target_group == group), sum(&|_| true))
}

/// A listener rule, or a listener's default rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerRule {
    /// Rule ARN.
    pub arn: String,
    /// ARN of the listener it belongs to.
    pub listener: String,
    /// Where its forward action sends traffic; empty when the rule does not forward.
    pub forward: Vec<WeightedTarget>,
    /// Whether this is the listener's default rule.
    pub is_default: bool,
    /// How long a client stays with the group it met first (group stickiness); absent when off.
    pub stickiness_seconds: Option<u32>,
    /// Host names of its host-header conditions, as written.
    pub hosts: Vec<String>,
}

/// A listener with its default action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Listener ARN.
    pub arn: String,
    /// Load balancer ARN.
    pub load_balancer: String,
    /// Port it listens on.
    pub port: u32,
    /// What clients speak.
    pub protocol: Protocol,
    /// All its rules, in the order they are tried, the default rule last.
    pub rules: Vec<ListenerRule>,
}

open_words::words! {
    /// State of one target in a group.
    pub enum TargetState {
        Draining = "draining",
        Healthy = "healthy",
        Initial = "initial",
        Unavailable = "unavailable",
        /// Also while it drains (`unhealthy.draining`).
        Unhealthy = "unhealthy",
        Unused = "unused",
    }

    /// `TargetType` of a target group.
    pub enum TargetType {
        Alb = "alb",
        Instance = "instance",
        Ip = "ip",
        Lambda = "lambda",
    }

    /// `Protocol` of a listener.
    pub enum Protocol {
        Http = "HTTP",
        Https = "HTTPS",
        Tcp = "TCP",
        TcpUdp = "TCP_UDP",
        Tls = "TLS",
        Udp = "UDP",
    }
}

/// Health of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetHealth {
    /// IP address or instance id.
    pub target: String,
    /// Port.
    pub port: Option<u32>,
    /// State.
    pub state: TargetState,
    /// Reason code such as `Target.ResponseCodeMismatch`.
    pub reason: Option<String>,
    /// AWS's sentence about it.
    pub description: Option<String>,
}

/// Reads routing. Absent objects are `None` or missing from the answer, not errors.
#[async_trait::async_trait]
pub trait Routing: Send + Sync + 'static {
    /// The target groups that exist among `arns`.
    async fn find_target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>>;
    /// The target groups that exist among `names`.
    async fn find_target_groups_by_name(&self, names: &[String]) -> Result<Vec<TargetGroup>>;
    /// Health of every target in the group (one call per group: an AWS rule).
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>>;
    /// The rule with this ARN.
    async fn find_rule(&self, arn: &str) -> Result<Option<ListenerRule>>;
    /// Makes a rule (or a listener's default action, or a Network Load Balancer's listener) forward like this.
    /// `route` is a rule ARN or a listener ARN. Stickiness and everything else of the rule stay as they are.
    async fn set_forward(&self, route: &str, forward: &[WeightedTarget]) -> Result<()>;
    /// Deregistration delay of a target group in seconds.
    async fn deregistration_delay(&self, target_group: &str) -> Result<u32>;
    /// DNS name of a load balancer.
    async fn find_dns_name(&self, load_balancer: &str) -> Result<Option<String>>;
    /// ARNs of the listeners of a load balancer.
    async fn list_listeners(&self, load_balancer: &str) -> Result<Vec<String>>;
    /// The listener with this ARN and its rules.
    async fn find_listener(&self, arn: &str) -> Result<Option<Listener>>;
}
