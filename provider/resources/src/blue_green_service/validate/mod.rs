//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known. Every rule has an id with a
//! page in `docs/errors/`.

mod approvals;
mod balancer;
mod code_deploy;
mod deployment;
mod ecs;
mod external;
mod freeze;
mod gate_pairs;
mod gates;
mod owners;
mod parts;
mod timeouts;

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Path, ToValue, Value};

use super::model::Model;
use super::strategy::{ControllerChoice, Strategy};
use crate::notices;

/// A rule across attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An attribute belongs to another controller or strategy.
    NotUsedHere,
    /// An attribute that controller and strategy need is missing.
    Missing,
    /// The number of target groups does not fit the strategy.
    TargetGroupCount,
    /// A CodeDeploy configuration that does not exist, or does not fit the strategy.
    CodeDeployConfig,
    /// A time-out that is shorter than the shifts and bakes it must cover.
    TimeoutTooShort,
    /// Launch type and capacity providers exclude each other.
    LaunchConflict,
    /// Steps that cannot be walked, or not by this controller.
    Steps,
    /// A life-cycle hook that AWS does not call.
    Hooks,
    /// A circuit breaker's threshold outside of what AWS takes.
    BreakerThreshold,
    /// A gate that asks for nothing, or for two things.
    GateCheck,
    /// A gate that would never be asked.
    GateMoment,
    /// Two gates, or two queries of one, with the same name.
    GateNames,
    /// Queries that do not fit together.
    GateQueries,
    /// An owner that does not fit what is written.
    Owner,
    /// Bounds that no number of tasks, or not the written one, fits into.
    Bounds,
    /// An image that failed in the last deployment.
    Quarantined,
    /// A deployment of a revision that was live before takes the short way.
    GoesBack,
    /// A person is asked where an apply decides, or twice.
    Approval,
    /// A deployment that started no task.
    Untried,
    /// A listener where only one of its rules works.
    ListenerInstead,
    /// A grace period for health checks that nothing makes.
    GraceWithoutBalancer,
    /// Deployments of others would wait for somebody to let them go on.
    PausesOthers,
    /// A freeze that never holds, or without a length.
    Freeze,
    /// A part of a service that this controller, strategy or kind of instance does not have.
    PartNotHere,
    /// What a service with one task on each instance does not have.
    Daemon,
    /// Target groups besides that are none.
    AdditionalGroups,
    /// A Classic Load Balancer where there can be none.
    ClassicBalancer,
    /// A gate about a target group that the service does not have.
    GatePair,
}

impl Rule {
    /// Stable id, the name of the page in `docs/errors/`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::NotUsedHere => "SY0001",
            Self::Missing => "SY0002",
            Self::TargetGroupCount => "SY0003",
            Self::CodeDeployConfig => "SY0004",
            Self::TimeoutTooShort => "SY0005",
            Self::LaunchConflict => "SY0006",
            Self::Steps => "SY0007",
            Self::Hooks => "SY0008",
            Self::BreakerThreshold => "SY0009",
            Self::GateCheck => "SY0010",
            Self::GateMoment => "SY0011",
            Self::GateNames => "SY0012",
            Self::GateQueries => "SY0013",
            Self::Owner => "SY0014",
            Self::Bounds => "SY0015",
            Self::GoesBack => "SY0037",
            Self::Quarantined => "SY0016",
            Self::PausesOthers => "SY0017",
            Self::Freeze => "SY0246",
            Self::Approval => "SY0031",
            Self::Untried => "SY0149",
            Self::ListenerInstead => "SY0032",
            Self::GraceWithoutBalancer => "SY0033",
            Self::PartNotHere => "SY0038",
            Self::Daemon => "SY0039",
            Self::AdditionalGroups => "SY0044",
            Self::ClassicBalancer => "SY0167",
            Self::GatePair => "SY0169",
        }
    }

    /// The violation, about no attribute in particular.
    pub(super) fn report(self, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        Diagnostic::error(
            summary,
            format!("{}\n\nRule {}.", detail.as_ref(), self.id()),
        )
    }

    fn error(self, path: Path, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        self.report(summary, detail).at(path)
    }
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    if config.launch_type.is_known() && config.capacity_provider_strategy.is_known() {
        found.push(Rule::LaunchConflict.error(
            Path::root().attribute("capacity_provider_strategy"),
            "`launch_type` and `capacity_provider_strategy` conflict",
            "A service has either a `launch_type` or a `capacity_provider_strategy`. Remove one of them.",
        ));
    }
    if config.health_check_grace_period.is_known() && config.load_balancer.is_null() {
        found.push(Rule::GraceWithoutBalancer.error(
            Path::root().attribute("health_check_grace_period"),
            "`health_check_grace_period` needs `load_balancer`",
            "It is about health checks of a load balancer, and AWS refuses it for a service without one. Remove it, \
             or add `load_balancer`.",
        ));
    }
    found.extend(tags(config));
    found.extend(notices::wrong(&config.notify));
    nothing(config, &mut found);
    owners::all(config, &mut found);
    if let Some(deployment) = config.deployment.known() {
        freeze::all(deployment, &mut found);
    }
    let (Some(controller), Some(deployment)) =
        (ControllerChoice::of(config), config.deployment.known())
    else {
        gates::all(config, None, &mut found);
        return found.into_iter().collect();
    };
    let strategy = Strategy::of(deployment);
    parts::all(config, controller, strategy, &mut found);
    balancer::all(config, controller, strategy, &mut found);
    match controller {
        ControllerChoice::Ecs => ecs::all(config, deployment, strategy, &mut found),
        ControllerChoice::CodeDeploy => code_deploy::all(config, deployment, strategy, &mut found),
        ControllerChoice::External => external::all(config, deployment, strategy, &mut found),
    }
    if controller != ControllerChoice::CodeDeploy && config.codedeploy.is_known() {
        found.push(Rule::NotUsedHere.error(
            Path::root().attribute("codedeploy"),
            "`codedeploy` is not used by this controller",
            "CodeDeploy is not used in deployments of this controller. Set `controller = \"codedeploy\"`, or remove \
             `codedeploy`.",
        ));
    }
    if let Some(strategy) = strategy {
        deployment::all(deployment, strategy, &mut found);
        timeouts::all(config, deployment, strategy, &mut found);
    }
    gates::all(config, strategy, &mut found);
    found.into_iter().collect()
}

fn tags(config: &Model) -> impl Iterator<Item = Diagnostic> {
    let tags = config.tags.known().into_iter().flatten();
    tags.filter(|(_, value)| value.is_null()).map(|(key, _)| {
        Rule::Missing.error(
            Path::root().attribute("tags").key(key.clone()),
            format!("The tag `{key}` has no value"),
            "AWS has no tag without a value. Use an empty text, or remove the key.",
        )
    })
}

/// Maps in which null has a meaning, or a message of its own.
const NULL_IS_SPECIAL: [&str; 3] = ["images", "redeploy_triggers", "tags"];

/// Elements that are null: they say nothing, and nobody can tell what was meant.
fn nothing(config: &Model, found: &mut Vec<Diagnostic>) {
    let mut report = |path: Path, summary: &str| {
        found.push(Rule::Missing.error(
            path,
            summary,
            "It has no meaning. Remove it; an expression can do so with `if`, as in `[for x in xs : x if x != \
             null]`.",
        ));
    };
    config
        .to_value()
        .walk(&mut |path, value| match value.inner() {
            Value::List(elements) => {
                let elements = (0..).zip(elements).filter(|(_, element)| element.is_null());
                elements.for_each(|(index, _)| {
                    report(path.clone().index(index), "An element of the list is null");
                });
            }
            Value::Map(elements) if !NULL_IS_SPECIAL.contains(&path.to_string().as_str()) => {
                let elements = elements.iter().filter(|(_, element)| element.is_null());
                elements.for_each(|(key, _)| {
                    report(
                        path.clone().key(key.clone()),
                        "An element of the map is null",
                    );
                });
            }
            // Elements of sets have no address.
            Value::Set(elements) if elements.iter().any(Value::is_null) => {
                report(path.clone(), "An element of the set is null");
            }
            Value::Set(_)
            | Value::Map(_)
            | Value::Tuple(_)
            | Value::Object(_)
            | Value::Null
            | Value::Unknown(_)
            | Value::String(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::Dynamic(_) => {}
        });
}

fn not_used(path: Path, name: &str, why: &str) -> Diagnostic {
    Rule::NotUsedHere.error(
        path,
        format!("`{name}` has no effect here"),
        format!("Not used: {why}. Remove it."),
    )
}

fn missing(path: Path, name: &str, why: &str) -> Diagnostic {
    Rule::Missing.error(
        path,
        format!("`{name}` is missing"),
        format!("It is required because {why}. Add it."),
    )
}
