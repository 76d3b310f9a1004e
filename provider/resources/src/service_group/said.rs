//! What a user reads when a group did not change as it should.

use switchyard_engine::group::{Disorder, GroupCause, GroupFailure, Return};
use switchyard_engine::ports::{Error, ErrorKind};
use switchyard_engine::{Frozen, access_advice};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

use super::desired;
use super::model::Model;
use crate::blue_green_service::OVERRIDE;
use crate::called;

/// A change that failed, in words: why, and what every member runs now.
pub(super) fn diagnostic(failure: &GroupFailure, planned: &Model) -> Diagnostic {
    let group = planned.name.known().map_or("", String::as_str);
    match &failure.cause {
        GroupCause::Member { .. } | GroupCause::NotHeld { .. } | GroupCause::Cancelled { .. } => {
            ended(failure, group, planned)
        }
        GroupCause::Missing(_)
        | GroupCause::NotEcs { .. }
        | GroupCause::Taken { .. }
        | GroupCause::NoDefinition(_)
        | GroupCause::TooLong(_)
        | GroupCause::Disorder(_)
        | GroupCause::Frozen { .. }
        | GroupCause::Early { .. }
        | GroupCause::NotNoted { .. } => cause(&failure.cause, group),
    }
}

/// Why a group does not begin to change.
pub(super) fn cause(cause: &GroupCause, group: &str) -> Diagnostic {
    match cause {
        GroupCause::Missing(member) => not_a_member(
            format!("The service of member `{member}` does not exist"),
            "Nothing was deployed: a group deploys services that exist.\n\nCorrect `service`, or create the service \
             first: refer to its `arn`, so that Terraform does."
                .to_owned(),
        ),
        GroupCause::NotEcs { member, controller } => not_a_member(
            format!("Member `{member}` cannot be deployed by a group"),
            format!(
                "Nothing was deployed. The controller of its service is `{controller}`; a group deploys services of the \
                 controller `ECS`.\n\nMove the service to the controller `ecs`, or remove the member."
            ),
        ),
        GroupCause::Taken {
            member,
            group: other,
        } => not_a_member(
            format!("Member `{member}` belongs to group `{other}`"),
            format!(
                "Nothing was deployed. A service is in one group at most, and the tag `switchyard:group` of this one \
                 names `{other}`.\n\nRemove it from that group first. If that group no longer exists, remove the tag \
                 from the service."
            ),
        ),
        GroupCause::NoDefinition(member) => at_members(error(
            "SY0309",
            format!("The task definition of member `{member}` does not exist or is inactive"),
            format!(
                "Nothing of group `{group}` was deployed: tasks can only be started from an active task \
                 definition.\n\nCorrect `task_definition`, or register the task definition first."
            ),
        )),
        GroupCause::TooLong(member) => not_a_member(
            format!("The names of member `{member}` are too long for a tag"),
            "Nothing was deployed. A member remembers its name and both task definitions in one tag, whose value has at most \
             256 characters: what it goes back to if the apply is interrupted.\n\nUse a shorter `name` of the member, or a \
             shorter `family` of the task definition."
                .to_owned(),
        ),
        GroupCause::Frozen { member, frozen } => at_members(self::frozen(group, member, frozen)),
        GroupCause::Disorder(fault) => at_members(disorder(fault)),
        GroupCause::Early { member, error } => call_failed(
            format!("Group `{group}` was not deployed: a call about member `{member}` failed"),
            "No member was deployed.",
            error,
        ),
        GroupCause::NotNoted { member, error } => call_failed(
            format!("The end of the change of group `{group}` was not recorded"),
            &format!(
                "Every member runs what the configuration says. The tag that says so could not be written at member \
                 `{member}`."
            ),
            error,
        ),
        GroupCause::Member { member, .. } | GroupCause::NotHeld { member, .. } => error(
            "SY0310",
            format!("Member `{member}` of group `{group}` failed"),
            "Apply again.".to_owned(),
        ),
        GroupCause::Cancelled { .. } => error(
            "SY0312",
            format!("The apply was interrupted while group `{group}` was deployed"),
            "Apply again.".to_owned(),
        ),
    }
}

/// A member that may not be deployed now.
fn frozen(group: &str, member: &str, frozen: &Frozen) -> Diagnostic {
    let Frozen { reason, until, .. } = frozen;
    error(
        "SY0177",
        format!(
            "Group `{group}` is not deployed before {until}: member `{member}` is frozen ({reason})"
        ),
        format!(
            "Nothing was deployed. `deployment.freeze` of the service of member `{member}` allows no deployment until \
             {until}: {reason}.\n\nApply after that time. To deploy now, set the environment variable {OVERRIDE} to the \
             reason, such as `{OVERRIDE}=\"INC-123: fixes the outage\"`."
        ),
    )
}

/// A group that is deployed in spite of that.
pub(super) fn overridden(group: &str, member: &str, frozen: &Frozen, why: &str) -> Diagnostic {
    let Frozen { reason, until, .. } = frozen;
    at_members(Diagnostic::warning(
        format!("Group `{group}` is deployed in spite of a freeze of member `{member}`: {reason}"),
        format!(
            "The service allows no deployment until {until}. {OVERRIDE} is set: {why}.\n\nUnset {OVERRIDE} if this is not \
             intended.\n\nCode SY0177."
        ),
    ))
}

/// Members that have no order.
pub(super) fn disorder(disorder: &Disorder) -> Diagnostic {
    match disorder {
        Disorder::Unknown { member, after } => error(
            "SY0307",
            format!("Member `{member}` waits for `{after}`, which is not a member"),
            "`after` names other members of the group.\n\nCorrect the name, or remove it from `after`.".to_owned(),
        ),
        Disorder::Circle(members) => {
            let names: Vec<String> = members.iter().map(|name| format!("`{name}`")).collect();
            let (summary, first) = match names.as_slice() {
                [one] => (format!("Member {one} waits for itself"), one.clone()),
                [first, ..] => (
                    "Members wait for one another, so that none can be first".to_owned(),
                    first.clone(),
                ),
                [] => ("Members wait for one another".to_owned(), String::new()),
            };
            error(
                "SY0307",
                summary,
                format!(
                    "{} -> {first}: each of them has the next one in `after`.\n\nRemove one of these names from `after`.",
                    names.join(" -> ")
                ),
            )
        }
    }
}

/// Tags that could not be removed.
pub(super) fn not_released(group: &str, error: &Error) -> Diagnostic {
    call_failed(
        format!("A service was not removed from group `{group}`"),
        "Its tags still say that it belongs to the group. Nothing was deployed.",
        error,
    )
}

/// A change that had begun.
fn ended(failure: &GroupFailure, group: &str, planned: &Model) -> Diagnostic {
    let is_back = failure.is_back();
    let has_begun = !failure.back.is_empty();
    let left = matches!(failure.cause, GroupCause::Cancelled { left: true });
    let safe = match (is_back, has_begun) {
        _ if left => "members were left where they are",
        (true, true) => "all members went back to what was live before",
        (true, false) => "no member was deployed",
        (false, _) => "not every member went back",
    };
    let (what, code, why) = match &failure.cause {
        GroupCause::Member { member, failure } => (
            format!("Group `{group}` failed at member `{member}`"),
            "SY0310",
            format!("{}\n{}", failure.summary(), indented(&failure.detail())),
        ),
        GroupCause::NotHeld { member, live } => (
            format!("Group `{group}` failed at member `{member}`"),
            "SY0310",
            format!(
                "Member `{member}` was deployed and did not stay live: {} is live. An alarm or somebody has rolled it \
                 back.",
                live.as_deref().unwrap_or("no revision")
            ),
        ),
        GroupCause::Cancelled { .. }
        | GroupCause::Missing(_)
        | GroupCause::NotEcs { .. }
        | GroupCause::Taken { .. }
        | GroupCause::NoDefinition(_)
        | GroupCause::TooLong(_)
        | GroupCause::Disorder(_)
        | GroupCause::Frozen { .. }
        | GroupCause::Early { .. }
        | GroupCause::NotNoted { .. } => (
            format!("The apply of group `{group}` was interrupted"),
            "SY0312",
            "Terraform was interrupted.".to_owned(),
        ),
    };
    let code = if is_back || left { code } else { "SY0311" };
    let next = match (is_back, left) {
        (_, true) => format!(
            "Apply again to continue, or take the group back: `switchyard rollback --group {group}`."
        ),
        (true, false) => {
            "Correct what the message names, then apply again. Nothing needs to be cleaned up."
                .to_owned()
        }
        (false, false) => format!(
            "Look at the members that did not go back: `switchyard status --group {group}`. Then run `switchyard rollback \
             --group {group}`, or apply again."
        ),
    };
    error(
        code,
        format!("{what}; {safe}"),
        format!("{}\n\n{why}\n\n{next}", now(failure, planned)),
    )
}

/// What every member that had begun runs now, and which had not begun.
fn now(failure: &GroupFailure, planned: &Model) -> String {
    let mut lines = Vec::new();
    for (member, end) in &failure.back {
        let line = match end {
            Return::Back(live) => format!("`{member}` went back to {live}."),
            Return::Already(live) => format!("`{member}` runs {live}, as before."),
            Return::Others(live) => format!(
                "`{member}` runs {live}: somebody else has deployed it during the apply, and it was left alone."
            ),
            Return::Failed(failure) => format!("`{member}` did not go back: {}", failure.summary()),
            Return::Stuck(why) => format!("`{member}` did not go back: {why}."),
        };
        lines.push(line);
    }
    if !failure.untouched.is_empty() {
        let names: Vec<String> = failure
            .untouched
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        lines.push(format!("Not deployed: {}.", names.join(", ")));
    }
    if lines.is_empty() {
        let members = desired::members(planned).count();
        lines.push(format!("The group has {members} members."));
    }
    lines.join("\n")
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| match line.is_empty() {
        true => String::new(),
        false => format!("  {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn call_failed(summary: String, now: &str, failed: &Error) -> Diagnostic {
    let next = match failed.kind {
        ErrorKind::Denied => access_advice(failed),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            "Apply again when AWS responds.".to_owned()
        }
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => "Correct what AWS names, then apply again.".to_owned(),
    };
    let detail = called::detail(now, failed, &next);
    error("SY0313", summary, detail)
}

fn not_a_member(summary: String, detail: String) -> Diagnostic {
    at_members(error("SY0308", summary, detail))
}

fn at_members(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.at(Path::root().attribute("member"))
}

fn error(code: &str, summary: String, detail: String) -> Diagnostic {
    Diagnostic::error(summary, format!("{detail}\n\nCode {code}."))
}
