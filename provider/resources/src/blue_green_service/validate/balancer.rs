//! Which kind of load balancer: target groups, or a Classic Load Balancer.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::parts::{is_written, on_fargate};
use super::{Rule, missing};
use crate::blue_green_service::model::Model;
use crate::blue_green_service::strategy::{ControllerChoice, Strategy};

/// Whether the load balancer is, or may be, a Classic one.
pub(super) fn is_classic(config: &Model) -> bool {
    let balancer = config.load_balancer.known();
    balancer.is_some_and(|balancer| !balancer.elb_name.is_null())
}

pub(super) fn all(
    config: &Model,
    controller: ControllerChoice,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(balancer) = config.load_balancer.known() else {
        return;
    };
    let path = || Path::root().attribute("load_balancer");
    if balancer.elb_name.is_null() {
        if balancer.target_groups.is_null() {
            found.push(missing(
                path(),
                "target_groups",
                "tasks are registered in target groups (a Classic Load Balancer, which has none, is named by `elb_name`)",
            ));
        }
        return;
    }
    let beside = [
        ("target_groups", !balancer.target_groups.is_null()),
        (
            "production_listener_rule",
            !balancer.production_listener_rule.is_null(),
        ),
        ("test_listener_rule", !balancer.test_listener_rule.is_null()),
        ("role_arn", !balancer.role_arn.is_null()),
    ];
    for (name, _) in beside.into_iter().filter(|(_, is_written)| *is_written) {
        found.push(Rule::ClassicBalancer.error(
            path().attribute(name),
            format!("`{name}` and `elb_name` conflict"),
            "A Classic Load Balancer has neither target groups nor listener rules. Remove `elb_name`, or everything else \
             of the load balancer but the container and its port.",
        ));
    }
    if is_written(config, "additional_load_balancer") {
        found.push(Rule::ClassicBalancer.error(
            Path::root().attribute("additional_load_balancer"),
            "`additional_load_balancer` and `elb_name` conflict",
            "A service has one Classic Load Balancer, or target groups of other load balancers. Remove one of the two.",
        ));
    }
    found.extend(impossible(config, controller, strategy));
}

/// Where a Classic Load Balancer cannot be.
fn impossible(
    config: &Model,
    controller: ControllerChoice,
    strategy: Option<Strategy>,
) -> Vec<Diagnostic> {
    let at = || {
        Path::root()
            .attribute("load_balancer")
            .attribute("elb_name")
    };
    let mut found = Vec::new();
    let by_other = match controller {
        ControllerChoice::Ecs => None,
        ControllerChoice::CodeDeploy => Some("`controller = \"codedeploy\"`".to_owned()),
        ControllerChoice::External => Some("`controller = \"external\"`".to_owned()),
    };
    let shifts = strategy.filter(|strategy| *strategy != Strategy::Rolling);
    let by_strategy = shifts.map(|strategy| format!("`strategy = \"{}\"`", strategy.word()));
    if let Some(with) = by_other.or(by_strategy) {
        found.push(Rule::ClassicBalancer.error(
            at(),
            format!("A Classic Load Balancer is not possible with {with}"),
            "Traffic moves between two target groups, and a Classic Load Balancer has none. Use `controller = \"ecs\"` with \
             `strategy = \"rolling\"`, or a pair of target groups of an Application or Network Load Balancer.",
        ));
    }
    let own_network = if on_fargate(config) {
        Some("Fargate")
    } else if config.network_configuration.is_null() {
        None
    } else {
        Some("`network_configuration`")
    };
    if let Some(with) = own_network {
        found.push(Rule::ClassicBalancer.error(
            at(),
            format!("A Classic Load Balancer is not possible with {with}"),
            "It sends traffic to instances, and these tasks (network mode `awsvpc`) have a network interface of their own, \
             which it cannot reach. Run the tasks on EC2 instances with network mode `bridge` or `host` and without \
             `network_configuration`, or use target groups of an Application or Network Load Balancer.",
        ));
    }
    found
}
