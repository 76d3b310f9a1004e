//! Parts that not every controller, strategy or kind of instance has.

use std::collections::BTreeSet;

use switchyard_engine::ports::ProviderName;
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path, ToValue};

use super::{Rule, missing, not_used};
use crate::blue_green_service::model::{AdditionalModel, Model, known_elements, known_set};
use crate::blue_green_service::strategy::{ControllerChoice, Strategy};
use crate::blue_green_service::words::{
    ConstraintWord, LaunchWord, PlacementWord, SchedulingWord, SwitchWord,
};

/// What only ECS's own deployments have.
const NATIVE: [&str; 5] = [
    "additional_load_balancer",
    "availability_zone_rebalancing",
    "service_connect_configuration",
    "volume_configuration",
    "vpc_lattice_configurations",
];

/// What places tasks on instances.
const PLACEMENT: [&str; 2] = ["ordered_placement_strategy", "placement_constraints"];

pub(super) fn all(
    config: &Model,
    controller: ControllerChoice,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    by_controller(config, controller, found);
    placement(config, found);
    rebalancing(config, found);
    daemon(config, controller, strategy, found);
    additional(config, controller, strategy, found);
}

/// Whether an attribute or block is written.
pub(super) fn is_written(config: &Model, name: &str) -> bool {
    let parts = config.parts.to_value();
    let value = parts.attribute(name);
    !value.is_null() && value.elements().is_none_or(|elements| !elements.is_empty())
}

fn by_controller(config: &Model, controller: ControllerChoice, found: &mut Vec<Diagnostic>) {
    let word = match controller {
        ControllerChoice::Ecs => return,
        ControllerChoice::CodeDeploy => "codedeploy",
        ControllerChoice::External => "external",
    };
    for name in NATIVE.into_iter().filter(|name| is_written(config, name)) {
        found.push(Rule::PartNotHere.error(
            Path::root().attribute(name),
            format!("`{name}` is not possible with `controller = \"{word}\"`"),
            "ECS offers it only to services whose deployments it carries out itself. Remove it, or set `controller = \
             \"ecs\"`.",
        ));
    }
}

/// Whether the tasks run on Fargate, as far as the configuration says.
pub(super) fn on_fargate(config: &Model) -> bool {
    let by_provider = known_elements(&config.capacity_provider_strategy).any(|(_, item)| {
        let name = item.capacity_provider.known();
        name.is_some_and(|name| ProviderName::parse(name).is_fargate())
    });
    by_provider || config.launch_type == Attr::Known(LaunchWord::Fargate)
}

fn placement(config: &Model, found: &mut Vec<Diagnostic>) {
    if on_fargate(config) {
        for name in PLACEMENT
            .into_iter()
            .filter(|name| is_written(config, name))
        {
            found.push(Rule::PartNotHere.error(
                Path::root().attribute(name),
                format!("`{name}` is not possible with Fargate"),
                "On Fargate there are no instances to choose from. Remove it, or run the tasks on EC2 instances.",
            ));
        }
    }
    for (index, constraint) in known_elements(&config.parts.placement_constraints) {
        let path = Path::root().attribute("placement_constraints").index(index);
        match (&constraint.r#type, &constraint.expression) {
            (Attr::Known(ConstraintWord::MemberOf), Attr::Null) => {
                found.push(missing(path, "expression", "`memberOf` is a condition"));
            }
            (Attr::Known(ConstraintWord::DistinctInstance), Attr::Known(_) | Attr::Unknown) => {
                found.push(not_used(
                    path.attribute("expression"),
                    "expression",
                    "`distinctInstance` has none",
                ));
            }
            _ => {}
        }
    }
    for (index, item) in known_elements(&config.parts.ordered_placement_strategy) {
        let path = Path::root()
            .attribute("ordered_placement_strategy")
            .index(index);
        match (&item.r#type, &item.field) {
            (Attr::Known(PlacementWord::Random), Attr::Known(_) | Attr::Unknown) => {
                found.push(not_used(
                    path.attribute("field"),
                    "field",
                    "`random` has none",
                ));
            }
            (Attr::Known(PlacementWord::Binpack), Attr::Null) => {
                found.push(missing(
                    path,
                    "field",
                    "`binpack` packs by `cpu` or `memory`",
                ));
            }
            _ => {}
        }
    }
}

fn rebalancing(config: &Model, found: &mut Vec<Diagnostic>) {
    if config.parts.availability_zone_rebalancing != Attr::Known(SwitchWord::Enabled) {
        return;
    }
    let deployment = config.deployment.known();
    let maximum = deployment.and_then(|deployment| deployment.maximum_percent.known());
    if maximum == Some(&100) {
        found.push(Rule::PartNotHere.error(
            Path::root().attribute("availability_zone_rebalancing"),
            "`availability_zone_rebalancing` needs room for additional tasks",
            "ECS starts a task in another zone before it stops one, and `maximum_percent = 100` leaves no room for it. \
             Raise `maximum_percent`, or set `availability_zone_rebalancing = \"DISABLED\"`.",
        ));
    }
}

fn daemon(
    config: &Model,
    controller: ControllerChoice,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    if config.parts.scheduling_strategy != Attr::Known(SchedulingWord::Daemon) {
        return;
    }
    let mut refuse = |path: Path, summary: &str, why: &str| {
        found.push(Rule::Daemon.error(path, summary, why));
    };
    let root = Path::root();
    if controller != ControllerChoice::Ecs || strategy.is_some_and(|it| it != Strategy::Rolling) {
        refuse(
            root.clone().attribute("scheduling_strategy"),
            "`DAEMON` is possible only with `controller = \"ecs\"` and the strategy `rolling`",
            "A daemon has one task on each container instance, so there is no room for two revisions at the same time. Set `strategy = \"rolling\"`, or use `REPLICA`.",
        );
    }
    if on_fargate(config) {
        refuse(
            root.clone().attribute("scheduling_strategy"),
            "`DAEMON` is not possible with Fargate",
            "A daemon has one task on each container instance, and Fargate has no instances. Use `REPLICA`, or run the \
             tasks on EC2 instances.",
        );
    }
    let owner = config.desired_count_owner.known();
    if !config.desired_count.is_null() || owner.is_some_and(|owner| owner.word() != "terraform") {
        refuse(
            root.clone().attribute("desired_count"),
            "A daemon has no number of tasks",
            "ECS runs one task on each container instance. Remove `desired_count`, `desired_count_owner` and \
             `desired_count_bounds`.",
        );
    }
    if is_written(config, "ordered_placement_strategy") {
        refuse(
            root.clone().attribute("ordered_placement_strategy"),
            "A daemon has no placement strategy",
            "ECS runs one task on each container instance. Remove it; `placement_constraints` can leave out instances.",
        );
    }
    if config.parts.availability_zone_rebalancing == Attr::Known(SwitchWord::Enabled) {
        refuse(
            root.attribute("availability_zone_rebalancing"),
            "A daemon is not rebalanced between zones",
            "ECS runs one task on each container instance. Remove it.",
        );
    }
}

fn additional(
    config: &Model,
    controller: ControllerChoice,
    strategy: Option<Strategy>,
    found: &mut Vec<Diagnostic>,
) {
    if !is_written(config, "additional_load_balancer") || controller != ControllerChoice::Ecs {
        return;
    }
    let path = Path::root().attribute("additional_load_balancer");
    if let Some(strategy) = strategy {
        for (index, one) in known_elements(&config.parts.additional_load_balancer) {
            whole_or_single(one, strategy, &path.clone().index(index), found);
        }
    }
    if config.load_balancer.is_null() {
        found.push(Rule::AdditionalGroups.error(
            path.clone(),
            "`additional_load_balancer` needs a `load_balancer`",
            "Write the first target group as `load_balancer`, and the others as `additional_load_balancer`.",
        ));
    }
    let balancer = config.load_balancer.known();
    let main = balancer.and_then(|balancer| known_set(&balancer.target_groups));
    let port = balancer.and_then(|balancer| balancer.container_port.known().copied());
    let container = balancer.and_then(|balancer| balancer.container_name.known().cloned());
    let mut seen: BTreeSet<(String, Option<String>, Option<i64>)> = main
        .into_iter()
        .flatten()
        .map(|group| (group, container.clone(), port))
        .collect();
    let rules = balancer.map(|balancer| {
        [
            &balancer.production_listener_rule,
            &balancer.test_listener_rule,
        ]
    });
    let rules = rules.into_iter().flatten().filter_map(Attr::known);
    let mut routes: BTreeSet<String> = rules.cloned().collect();
    for (index, one) in known_elements(&config.parts.additional_load_balancer) {
        let at = |name: &str| path.clone().index(index).attribute(name);
        for (name, group) in [
            ("target_group_arn", &one.target_group_arn),
            (
                "alternate_target_group_arn",
                &one.alternate_target_group_arn,
            ),
        ] {
            let Some(group) = group.known() else { continue };
            let entry = (
                group.clone(),
                one.container_name.known().cloned(),
                one.container_port.known().copied(),
            );
            // Of a pair, each group has tasks of one revision only.
            let is_pair = one.alternate_target_group_arn.is_known();
            let is_taken = is_pair && seen.iter().any(|(taken, _, _)| taken == group);
            if !seen.insert(entry) || is_taken {
                found.push(Rule::AdditionalGroups.error(
                    at(name),
                    "A target group is named twice",
                    "Every task would be registered in it twice, or the two revisions in the same one. Name each target \
                     group once.",
                ));
            }
        }
        for (name, rule) in [
            ("production_listener_rule", &one.production_listener_rule),
            ("test_listener_rule", &one.test_listener_rule),
        ] {
            let Some(rule) = rule.known() else { continue };
            if !routes.insert(rule.clone()) {
                found.push(Rule::AdditionalGroups.error(
                    at(name),
                    "A listener rule is named twice",
                    "A rule forwards to one pair of target groups: the deployment would move its traffic from one pair to \
                     the other. Name a rule for each pair.",
                ));
            }
        }
    }
}

/// A pair where traffic moves, a single target group where tasks are replaced in place.
fn whole_or_single(
    one: &AdditionalModel,
    strategy: Strategy,
    at: &Path,
    found: &mut Vec<Diagnostic>,
) {
    let of_pair = [
        (
            "alternate_target_group_arn",
            &one.alternate_target_group_arn,
        ),
        ("production_listener_rule", &one.production_listener_rule),
        ("role_arn", &one.role_arn),
    ];
    if strategy == Strategy::Rolling {
        let test = [("test_listener_rule", &one.test_listener_rule)];
        for (name, _) in of_pair
            .into_iter()
            .chain(test)
            .filter(|(_, value)| !value.is_null())
        {
            found.push(Rule::AdditionalGroups.error(
                at.clone().attribute(name),
                format!("`{name}` has no effect with `rolling`"),
                "`rolling` replaces tasks in place, in one target group. Remove it, or use a strategy that moves traffic \
                 between two target groups.",
            ));
        }
        return;
    }
    for (name, _) in of_pair.into_iter().filter(|(_, value)| value.is_null()) {
        found.push(Rule::AdditionalGroups.error(
            at.clone().attribute(name),
            format!("`{}` needs `{name}` of an additional load balancer", strategy.word()),
            "Tasks of the new revision would get traffic through a single target group at once. Name the pair of target \
             groups (`alternate_target_group_arn`), the rule that forwards to both (`production_listener_rule`) and the \
             role that edits it (`role_arn`); or use `strategy = \"rolling\"`.",
        ));
    }
}
