//! The form of roles and functions. Whether a role may be assumed is AWS's to say; what is no role at all can be
//! said before.

use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::ports::{HookTarget, TaskDefinition};

/// Role for the rules, and roles and functions of hooks.
pub(super) fn of_wanted(wanted: &DesiredService) -> Vec<Finding> {
    let mut findings = Vec::new();
    let role = wanted.revision.load_balancer.as_ref();
    if let Some(role) = role.and_then(|balancer| balancer.role.as_deref())
        && !is_role(role)
    {
        findings.push(malformed(
            Field::Role,
            "The role for the listener rules",
            role,
            ROLE,
        ));
    }
    let hooks = &wanted.settings.deployment_configuration.hooks;
    for hook in hooks.iter().flatten() {
        let HookTarget::Lambda { function, role } = &hook.target else {
            continue;
        };
        if !is_role(role) {
            findings.push(malformed(
                Field::Hooks,
                "The role of a lifecycle hook",
                role,
                ROLE,
            ));
        }
        if !is_function(function) {
            findings.push(malformed(
                Field::Hooks,
                "The function of a lifecycle hook",
                function,
                "arn:aws:lambda:REGION:ACCOUNT:function:NAME",
            ));
        }
    }
    findings
}

/// The roles of a task definition. AWS takes their names as well.
pub(super) fn of_definition(found: &TaskDefinition) -> Vec<Finding> {
    let roles = [
        ("The execution role", &found.execution_role),
        ("The task role", &found.task_role),
    ];
    roles
        .into_iter()
        .filter_map(|(what, role)| {
            let role = role.as_deref().filter(|role| role.starts_with("arn:"))?;
            (!is_role(role)).then(|| malformed(Field::TaskDefinition, what, role, ROLE))
        })
        .collect()
}

/// ECS Exec acts with the task role; ECS refuses a service that has the one and not the other.
pub(super) fn of_exec(wanted: &DesiredService, found: &TaskDefinition) -> Option<Finding> {
    let lacks = wanted.settings.enable_execute_command && found.task_role.is_none();
    lacks.then(|| {
        finding(
            Rule::TaskRoleMissing,
            FindingLevel::Error,
            Field::TaskDefinition,
            format!(
                "`enable_execute_command` is on, and the task definition `{}` names no task role.",
                found.arn
            ),
            "ECS Exec uses the task role: ECS refuses the service without one.",
            "Set `task_role_arn` in the task definition to a role that may open Session Manager channels \
             (`ssmmessages:CreateControlChannel`, `CreateDataChannel`, `OpenControlChannel`, `OpenDataChannel`), or \
             remove `enable_execute_command`.",
        )
    })
}

const ROLE: &str = "arn:aws:iam::ACCOUNT:role/NAME";

fn malformed(field: Field, what: &str, found: &str, form: &str) -> Finding {
    finding(
        Rule::ArnMalformed,
        FindingLevel::Error,
        field,
        format!("{what} is `{found}`."),
        &format!("That is not of the form `{form}`, so AWS cannot use it."),
        "Use the ARN of the right object; instance profiles, users and policies have different ARNs.",
    )
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            !partition.is_empty()
                && is_account(account)
                && resource
                    .strip_prefix("role/")
                    .is_some_and(|name| !name.is_empty())
        }
        _ => false,
    }
}

fn is_function(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    match parts.as_slice() {
        [
            "arn",
            partition,
            "lambda",
            region,
            account,
            "function",
            name,
        ] => !partition.is_empty() && !region.is_empty() && is_account(account) && !name.is_empty(),
        _ => false,
    }
}

fn is_account(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_told_from_what_looks_like_one() {
        assert!(is_role("arn:aws:iam::123456789012:role/ecs"));
        assert!(is_role("arn:aws-cn:iam::123456789012:role/path/ecs"));
        for wrong in [
            "ecs",
            "",
            "arn:aws:iam::123456789012:instance-profile/ecs",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:policy/ecs",
            "arn:aws:iam::account:role/ecs",
            "arn:aws:sts::123456789012:assumed-role/ecs/me",
        ] {
            assert!(!is_role(wrong), "{wrong}");
        }
        assert!(is_function(
            "arn:aws:lambda:eu-west-1:123456789012:function:check:live"
        ));
        assert!(!is_function("check"));
        assert!(!is_function(
            "arn:aws:lambda:eu-west-1:123456789012:layer:check:1"
        ));
    }
}
