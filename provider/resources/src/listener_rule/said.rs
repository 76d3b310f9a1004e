//! What a user reads when a rule cannot be made, changed or managed.

use switchyard_engine::access_advice;
use switchyard_engine::listener_rule::{Doing, Holder, Refused};
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use crate::called;

/// When it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Before anything is changed.
    Plan,
    /// A rule was to be made.
    Create,
    /// A rule was to be changed.
    Update,
    /// A rule was to be deleted.
    Delete,
}

impl At {
    /// What is true of the rule afterwards.
    const fn now(self) -> &'static str {
        match self {
            Self::Plan => "",
            Self::Create => "No rule was made. ",
            Self::Update => "Weights were not changed. ",
            Self::Delete => "The rule still exists. ",
        }
    }
}

/// A refusal in words.
pub(super) fn diagnostic(refused: &Refused, at: At) -> Diagnostic {
    match refused {
        Refused::Call(doing, error) => call(*doing, error, at),
        Refused::GroupsMissing(groups) => error(
            "SY0054",
            "target_groups",
            format!("Target groups of the rule do not exist: {}", quoted(groups)),
            format!(
                "{}A rule can only forward to target groups that exist.\n\nCreate them first, or correct \
                 `target_groups`.",
                at.now()
            ),
        ),
        Refused::ListenerMissing(listener) => error(
            "SY0054",
            "listener_arn",
            format!("Listener `{listener}` does not exist"),
            format!(
                "{}A rule belongs to a listener.\n\nCreate the listener first, or correct `listener_arn`.",
                at.now()
            ),
        ),
        Refused::NoPriorityLeft => error(
            "SY0052",
            "priority",
            "Every priority of the listener is taken".to_owned(),
            format!(
                "{}All numbers from 1 to 50000 belong to rules.\n\nDelete a rule of the listener, then apply again.",
                at.now()
            ),
        ),
        Refused::PriorityTaken { priority, holder } => taken(*priority, holder.as_ref(), at),
        Refused::StillServing(target) => error(
            "SY0053",
            "target_groups",
            format!(
                "Target group `{}` gets requests and cannot leave the rule",
                target.target_group
            ),
            format!(
                "Nothing was changed. The rule gives it weight {}, and its requests would go to the other target \
                 group at once, even if no tasks run there.\n\nMove production to the other target group of the \
                 pair first, with a deployment, which leaves this one without weight. Then change `target_groups`, \
                 one target group at a time.",
                target.weight
            ),
        ),
        Refused::Vanished => error_of(
            "SY0056",
            "The listener rule was deleted during the apply",
            "The rule no longer exists: somebody deleted it at the same time. Its requests go to the next rule that \
             matches, or to the listener's default action.\n\nFind out who deleted it, and apply again: the plan \
             creates the rule again.",
        ),
    }
}

fn taken(priority: u32, holder: Option<&Holder>, at: At) -> Diagnostic {
    let now = at.now();
    let summary = format!("Priority {priority} of the listener is taken");
    let detail = match holder {
        Some(Holder {
            arn,
            is_equal: true,
        }) => format!(
            "{now}Rule `{arn}` has it, with the same conditions and the same target groups: most likely it is the \
             rule of this resource.\n\nTake it over: `terraform import ADDRESS {arn}`, where ADDRESS is the address \
             of this resource. If `aws_lb_listener_rule` manages it, use a `moved` block instead."
        ),
        Some(Holder {
            arn,
            is_equal: false,
        }) => format!(
            "{now}Rule `{arn}` has it, and a listener has each priority once.\n\nSet a different `priority`, or \
             remove it to use the next free one. If that rule will be deleted or get a different priority, apply \
             that first. If it is the rule of this resource, use `moved` or an import."
        ),
        None => format!(
            "{now}A listener has each priority once, and the rule with this priority could not be read.\n\nSet a \
             different `priority`, or remove it to use the next free one."
        ),
    };
    let detail = format!("{detail}\n\nCode SY0052.");
    let path = Path::root().attribute("priority");
    match at {
        // It may be free by then.
        At::Plan => Diagnostic::warning(summary, detail).at(path),
        At::Create | At::Update | At::Delete => Diagnostic::error(summary, detail).at(path),
    }
}

fn call(doing: Doing, error: &Error, at: At) -> Diagnostic {
    let doing_words = doing.words();
    let (summary, next) = match error.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {doing_words}"),
            access_advice(error),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("No response to the request to {doing_words}"),
            "Apply again when AWS responds: the apply recognizes and completes what was started."
                .to_owned(),
        ),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected => (
            format!("AWS refuses to {doing_words}"),
            refusal_advice(&error.code).to_owned(),
        ),
        ErrorKind::Unexpected => (
            format!("AWS's response to the request to {doing_words} cannot be understood"),
            "Check what responds at the endpoint, then apply again.".to_owned(),
        ),
    };
    let now = match (doing, error.kind) {
        (Doing::Create, ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Unexpected) => {
            "It is not known whether the rule was created; if it was, the next apply takes it over."
        }
        (Doing::Create, _) => "No rule was made.",
        (Doing::Delete, _) => "As far as is known the rule still exists.",
        (Doing::Read | Doing::Conditions | Doing::Targets | Doing::Priority | Doing::Tags, _) => {
            match at {
                At::Create => {
                    "As far as is known no rule was created; if one was, the next apply takes it over."
                }
                At::Plan | At::Update | At::Delete => {
                    "Earlier changes are in the state; weights did not change."
                }
            }
        }
    };
    let detail = called::detail(now, error, &next);
    error_of("SY0056", &summary, &detail)
}

fn refusal_advice(code: &str) -> &'static str {
    match code {
        "TooManyRules" => {
            "The load balancer has as many rules as its quota allows. Delete rules that are not used, request a \
             higher quota `Rules per Application Load Balancer`, or use a different load balancer. Then apply again."
        }
        "TargetGroupAssociationLimit" => {
            "A target group belongs to one load balancer. Name target groups that no other load balancer uses, then \
             apply again."
        }
        "TooManyTargetGroups" | "TooManyUniqueTargetGroupsPerLoadBalancer" => {
            "The load balancer forwards to as many target groups as its quota allows. Remove some or use a \
             different load balancer, then apply again."
        }
        "TooManyTags" => "Remove tags, then apply again.",
        _ => "Correct what AWS names, then apply again.",
    }
}

/// A rule this resource cannot have.
pub(super) fn unmanageable(arn: &str, why: &str, next: &str) -> Diagnostic {
    error_of(
        "SY0055",
        &format!("Rule `{arn}` cannot be a `switchyard_listener_rule`"),
        &format!("Nothing was changed. {why}\n\n{next}"),
    )
}

fn error_of(code: &str, summary: &str, detail: &str) -> Diagnostic {
    Diagnostic::error(summary, format!("{detail}\n\nCode {code}."))
}

fn error(code: &str, attribute: &str, summary: String, detail: String) -> Diagnostic {
    error_of(code, &summary, &detail).at(Path::root().attribute(attribute))
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
