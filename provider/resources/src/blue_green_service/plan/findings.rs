//! What is said about a plan.

use switchyard_engine::{DesiredCount, Field, Finding, FindingLevel};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use crate::blue_green_service::memory::Memory;
use crate::blue_green_service::model::Model;
use crate::blue_green_service::words::CountOwnerWord;

/// An import that changes nothing is the moment to say who moves the number of tasks: the first change would take it
/// away from them.
pub(super) fn contested(memory: &Memory, prior: &Model) -> Option<Diagnostic> {
    let is_fixed = match prior.desired_count_owner.known() {
        Some(CountOwnerWord::Terraform) | None => true,
        Some(CountOwnerWord::Autoscaler | CountOwnerWord::Bounded | CountOwnerWord::Unknown(_)) => {
            false
        }
    };
    (memory.scaled && is_fixed).then(|| {
        Diagnostic::warning(
            "An autoscaler changes the number of tasks of this service",
            format!(
                "The service has a scalable target, and this configuration owns the number of tasks. As soon as the \
                 autoscaler changes it, plans show drift, and the next apply reverts it.\n\nSet \
                 `desired_count_owner = \"autoscaler\"`, or remove the scalable target.\n\nRule {}.",
                switchyard_engine::Rule::DesiredContested
            ),
        )
        .at(Path::root().attribute("desired_count_owner"))
    })
}

/// Taking the number of tasks back changes it, and the state did not record what it is.
pub(super) fn taken_over(
    prior: Option<&Model>,
    wanted: DesiredCount,
    now: u32,
) -> Option<Diagnostic> {
    let prior = prior?;
    let from = match prior.desired_count_owner.known() {
        Some(CountOwnerWord::Autoscaler) => "The autoscaler",
        Some(CountOwnerWord::Bounded) => "Somebody",
        Some(CountOwnerWord::Terraform | CountOwnerWord::Unknown(_)) | None => "",
    };
    let (to, why, instead) = match wanted {
        DesiredCount::Fixed(count) if count != now && !from.is_empty() => (
            count,
            format!(
                "{from} has set it to {now}. With `desired_count_owner = \"terraform\"` the apply sets it to {count}."
            ),
            format!("Set `desired_count = {now}` to keep what runs now."),
        ),
        DesiredCount::Bounded { min, max, .. } if !(min..=max).contains(&now) && min <= max => (
            now.clamp(min, max),
            format!(
                "It is outside `desired_count_bounds` ({min} to {max}). The apply sets it to the nearer bound."
            ),
            "Change the bounds to keep what runs now.".to_owned(),
        ),
        DesiredCount::Fixed(_) | DesiredCount::Initial(_) | DesiredCount::Bounded { .. } => {
            return None;
        }
    };
    Some(
        Diagnostic::warning(
            format!("The number of tasks changes from {now} to {to}"),
            format!("{why}\n\n{instead}"),
        )
        .at(Path::root().attribute("desired_count_owner")),
    )
}

pub(in crate::blue_green_service) fn diagnostic(finding: &Finding) -> Diagnostic {
    let detail = format!(
        "{}\n\n{}\n\nRule {}.",
        finding.why, finding.next, finding.rule
    );
    let summary = finding.now.trim_end_matches('.');
    let diagnostic = match finding.severity {
        FindingLevel::Error => Diagnostic::error(summary, detail),
        FindingLevel::Warning => Diagnostic::warning(summary, detail),
    };
    diagnostic.at(path(finding.field))
}

fn path(field: Field) -> Path {
    let root = Path::root();
    let balancer = || Path::root().attribute("load_balancer");
    let deployment = || Path::root().attribute("deployment");
    match field {
        Field::Additional => root.attribute("additional_load_balancer"),
        Field::Alarms => deployment().attribute("alarms"),
        Field::CircuitBreaker => deployment().attribute("circuit_breaker"),
        Field::Cluster => root.attribute("cluster"),
        Field::CodeDeployAlarms => root.attribute("codedeploy").attribute("alarms"),
        Field::CodeDeployConfig => root.attribute("codedeploy").attribute("deployment_config"),
        Field::CodeDeployGroup => root.attribute("codedeploy").attribute("deployment_group"),
        Field::Container => balancer().attribute("container_name"),
        Field::Controller => root.attribute("controller"),
        Field::Desired => root.attribute("desired_count"),
        Field::Gates => root.attribute("gate"),
        Field::Hooks => deployment().attribute("lifecycle_hook"),
        Field::Images => root.attribute("images"),
        Field::PlatformVersion => root.attribute("platform_version"),
        Field::Port => balancer().attribute("container_port"),
        Field::Network => root.attribute("network_configuration"),
        Field::ProductionRule => balancer().attribute("production_listener_rule"),
        Field::Role => balancer().attribute("role_arn"),
        Field::Policies | Field::Unmanaged | Field::Service => root.attribute("name"),
        Field::Steps => deployment().attribute("step"),
        Field::Strategy => deployment().attribute("strategy"),
        Field::TargetGroups => balancer().attribute("target_groups"),
        Field::TaskDefinition => root.attribute("task_definition"),
        Field::TestRule => balancer().attribute("test_listener_rule"),
        Field::TimeLimit => root.attribute("timeouts"),
    }
}
