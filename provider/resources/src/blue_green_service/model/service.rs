//! Where tasks run and how they are reached.

use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{between, each, items_between, not_empty};
use tfplugin::value::Attr;

use super::TextSet;
use crate::blue_green_service::rules;

/// One item of `capacity_provider_strategy`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct CapacityProviderModel {
    /// Name, such as `FARGATE_SPOT`.
    #[attr(required, validate(not_empty()))]
    pub capacity_provider: Attr<String>,
    /// Number of tasks that run on it before the shares apply.
    #[attr(default = 0, validate(between(0, 100_000)))]
    pub base: Attr<i64>,
    /// Relative share of the remaining tasks.
    #[attr(default = 1, validate(between(0, 1000)))]
    pub weight: Attr<i64>,
}

/// `desired_count_bounds`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct BoundsModel {
    /// Fewest tasks.
    #[attr(required, validate(between(0, 100_000)))]
    pub min: Attr<i64>,
    /// Most tasks.
    #[attr(required, validate(between(0, 100_000)))]
    pub max: Attr<i64>,
}

/// `network_configuration`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct NetworkModel {
    /// Subnet ids.
    #[attr(required, validate(items_between(1, 16)))]
    pub subnets: TextSet,
    /// Security group ids. Defaults to the default security group of the VPC.
    #[attr(
        optional,
        computed,
        use_state_for_unknown,
        validate(items_between(1, 5))
    )]
    pub security_groups: TextSet,
    /// Give tasks a public IP address (Fargate).
    #[attr(default = false)]
    pub assign_public_ip: Attr<bool>,
}

/// `load_balancer`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct LoadBalancerModel {
    /// Container that receives traffic.
    #[attr(required, validate(not_empty()))]
    pub container_name: Attr<String>,
    /// Its port.
    #[attr(required, validate(between(1, 65_535)))]
    pub container_port: Attr<i64>,
    /// ARNs of the target groups: the pair between which deployments alternate, or one target group with the strategy
    /// `rolling`. The order does not matter. Required unless `elb_name` is set.
    #[attr(optional, validate(items_between(1, 2), each(rules::target_group())))]
    pub target_groups: TextSet,
    /// Name of a Classic Load Balancer, instead of `target_groups`. Only with `controller = "ecs"`, the strategy `rolling`
    /// and tasks on instances whose network mode is not `awsvpc`.
    #[attr(optional, validate(not_empty()))]
    pub elb_name: Attr<String>,
    /// ARN of the listener rule for production traffic (the ARN of a default rule is accepted), or of the listener
    /// for a Network Load Balancer. It must forward to both target groups; the listener of a Network Load Balancer may
    /// start with one of them. Required with `controller = "ecs"` and any strategy except `rolling`, and with
    /// `external`. With `codedeploy` it only decides on which side the first tasks start, and is required if both
    /// target groups are behind listeners (production and test).
    #[attr(optional, validate(rules::listener_or_rule()))]
    pub production_listener_rule: Attr<String>,
    /// ARN of the listener rule for test traffic, which reaches the new revision first.
    #[attr(optional, validate(rules::listener_or_rule()))]
    pub test_listener_rule: Attr<String>,
    /// Role that lets ECS edit the listener rules (managed policy
    /// `AmazonECSInfrastructureRolePolicyForLoadBalancers`). Required together with `production_listener_rule`.
    #[attr(optional, validate(rules::role_arn()))]
    pub role_arn: Attr<String>,
}

/// `preflight`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PreflightModel {
    /// Codes of checks, such as `SY0127`, whose findings are warnings instead of errors.
    #[attr(required, validate(each(rules::rule_id())))]
    pub warn_only: TextSet,
}

/// `timeouts`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct TimeoutsModel {
    /// Default: the shifts, holds and bake time with the time that their gates may take, plus `30m` (`90m` under
    /// CodeDeploy, whose deployment groups have additional waits) and `10m` for each shift of ECS behind a Network
    /// Load Balancer.
    #[attr(optional, validate(rules::duration_text()))]
    pub create: Attr<String>,
    /// Default: the shifts, holds and bake time with the time that their gates may take, plus `30m` (`90m` under
    /// CodeDeploy, whose deployment groups have additional waits) and `10m` for each shift of ECS behind a Network
    /// Load Balancer.
    #[attr(optional, validate(rules::duration_text()))]
    pub update: Attr<String>,
    /// Default: `20m`.
    #[attr(optional, validate(rules::duration_text()))]
    pub delete: Attr<String>,
}
