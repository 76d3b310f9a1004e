//! What a user reads when the alias does not lead where it should, or cannot.

use switchyard_engine::access_advice;
use switchyard_engine::function_alias::{
    AliasApplied, AliasCall, AliasDoubt, AliasFailed, AliasFailure, Cause, DesiredAlias,
};
use switchyard_engine::ports::{AliasRouting, Error, ErrorKind, Version};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::Path;

use crate::called;

/// Code of a version that cannot get traffic.
const VERSION: &str = "SY0272";
/// Code of an alias that is not in the state.
const TAKEN: &str = "SY0273";
/// Code of a version that was not kept.
const REFUSED: &str = "SY0274";
/// Code of a change by somebody else.
const SUPERSEDED: &str = "SY0275";
/// Code of a call that failed.
const CALL: &str = "SY0276";
/// Code of alarms that fire, or are not there.
const ALARM: &str = "SY0277";
/// Code of a move that was left halfway.
const UNFINISHED: &str = "SY0278";

fn error(code: &str, summary: String, detail: &str) -> Diagnostic {
    Diagnostic::error(summary, format!("{detail}\n\nCode {code}."))
}

fn at(attribute: &'static str) -> Path {
    Path::root().attribute(attribute)
}

/// Where traffic goes, as a sentence without its full stop.
fn whither(routing: &AliasRouting) -> String {
    let all = |version: Version| format!("the alias leads to version {version} alone");
    match routing.guest {
        None => all(routing.settled),
        Some(guest) => format!(
            "version {} gets {} percent of the traffic, and version {} gets {} percent",
            routing.settled,
            routing.share_of(routing.settled),
            guest.version,
            guest.share
        ),
    }
}

/// A sentence of its own.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// What is true of the alias after a failure.
fn now(failed: &AliasFailed) -> String {
    match (&failed.alias, failed.is_seen) {
        (Some(alias), true) => sentence(&whither(&alias.routing)),
        (None, true) => "There is no such alias.".to_owned(),
        (Some(alias), false) => format!(
            "AWS does not say where the alias leads now. Before the last change, {}.",
            whither(&alias.routing)
        ),
        (None, false) => "AWS does not say whether the alias exists now.".to_owned(),
    }
}

/// A failure in words.
pub(super) fn failed(failed: &AliasFailed, wanted: &DesiredAlias) -> Diagnostics {
    let id = wanted.qualified();
    let version = wanted.version;
    let now = now(failed);
    let said = match &failed.why {
        AliasFailure::Call { call, error } => call_failed(*call, error, &now, wanted),
        AliasFailure::Left => error(
            UNFINISHED,
            format!("The apply was interrupted while alias `{id}` was being moved"),
            &format!(
                "{now} The move was left as it is, because `on_cancel` is `leave`.\n\nApply again to continue the move. To roll it \
                 back, apply with the version before as `function_version`."
            ),
        ),
        AliasFailure::NameTaken => taken(wanted, failed.alias.as_ref().map(|alias| alias.routing)),
        AliasFailure::Refused {
            cause,
            had_traffic,
            evidence,
        } => refused(*cause, *had_traffic, evidence, &now, wanted),
        AliasFailure::Superseded => error(
            SUPERSEDED,
            format!("Alias `{id}` was changed by somebody else during the apply"),
            &format!(
                "{now} That is not what the apply has left, so it stopped and changed nothing more.\n\nFind out who changes \
                 the alias, such as a pipeline or CodeDeploy, and let one place do it. Then apply again: the plan shows what \
                 differs."
            ),
        ),
        AliasFailure::Unfinished => error(
            UNFINISHED,
            format!("AWS did not complete a change of alias `{id}`"),
            &format!(
                "{now} The change was asked for again and again, and AWS still does not show it.\n\nApply again: the apply \
                 continues from where the alias is."
            ),
        ),
        AliasFailure::VersionFailed(reason) => version_failed(wanted, reason.as_deref(), &now),
        AliasFailure::VersionMissing => version_missing(wanted, &now),
        AliasFailure::VersionPending => error(
            VERSION,
            format!("Version {version} of function `{}` is not ready", wanted.function),
            &format!(
                "{now} Lambda was still preparing the version when `timeout` had passed; nothing was moved.\n\nApply again when \
                 its state is `Active`: `aws lambda get-function-configuration --function-name {} --qualifier {version}`.",
                wanted.function
            ),
        )
        .at(at("function_version")),
    };
    said.into()
}

/// The version was not kept.
fn refused(
    cause: Cause,
    had_traffic: bool,
    evidence: &[String],
    now: &str,
    wanted: &DesiredAlias,
) -> Diagnostic {
    let id = wanted.qualified();
    let version = wanted.version;
    let what = match cause {
        Cause::Alarm => "an alarm fired",
        Cause::Cancelled => "the apply was interrupted",
        Cause::Deadline => "`timeout` has passed",
        Cause::GateFailed => "a gate failed",
        Cause::GateUndecided => "a gate could not be decided",
    };
    let summary = match had_traffic {
        true => format!("Version {version} was rolled back on alias `{id}`: {what}"),
        false => format!("Version {version} got no traffic of alias `{id}`: {what}"),
    };
    let next = match cause {
        Cause::Alarm => {
            "Find out what the alarm has found. When it is quiet again, apply a version without the fault; the same version is \
             tried again by the next apply."
        }
        Cause::Cancelled => "Apply again to start over.",
        Cause::Deadline => {
            "Look at what the move was waiting for: a gate that stays undecided, or alarms that cannot be read. If it needs more \
             time, set a longer `timeout`; then apply again."
        }
        Cause::GateFailed | Cause::GateUndecided => {
            "Read the message of the gate and the logs of the version, publish a version without the fault, then apply again."
        }
    };
    let why = match evidence {
        [] => String::new(),
        evidence => format!("\n\n{}", evidence.join("\n")),
    };
    error(
        REFUSED,
        summary,
        &format!("{now} Nothing needs to be cleaned up.{why}\n\n{next}"),
    )
}

fn taken(wanted: &DesiredAlias, found: Option<AliasRouting>) -> Diagnostic {
    let now = found.map_or_else(String::new, |found| {
        format!(" {}", sentence(&whither(&found)))
    });
    let id = wanted.qualified();
    error(
        TAKEN,
        format!("Alias `{id}` exists already"),
        &format!(
            "An alias of this name exists that is not in the state, and moving it would take over the traffic of somebody else. \
             Nothing was changed.{now}\n\nIf it is the alias of this resource, import it: `terraform import ADDRESS {id}`, where \
             ADDRESS is the address of this resource. The next apply then moves it. If not, set a different `name`."
        ),
    )
    .at(at("name"))
}

fn version_missing(wanted: &DesiredAlias, now: &str) -> Diagnostic {
    let version = wanted.version;
    error(
        VERSION,
        format!("Function `{}` has no version {version}", wanted.function),
        &format!(
            "{now} An alias can only lead to a version that is published.\n\nCorrect `function_name` or `function_version`, or \
             publish the version: set `publish = true` on `aws_lambda_function`. `aws lambda list-versions-by-function \
             --function-name {}` shows what there is.",
            wanted.function
        ),
    )
    .at(at("function_version"))
}

fn version_failed(wanted: &DesiredAlias, reason: Option<&str>, now: &str) -> Diagnostic {
    let version = wanted.version;
    let reason = reason.map_or_else(
        || "AWS gives no reason.".to_owned(),
        |reason| format!("AWS reports: {reason}"),
    );
    error(
        VERSION,
        format!("Version {version} of function `{}` cannot be called", wanted.function),
        &format!("{now} Lambda could not prepare the version. {reason}\n\nCorrect what AWS names, publish a new version, then apply again."),
    )
    .at(at("function_version"))
}

/// Something that a plan has found.
pub(super) fn doubt(doubt: &AliasDoubt, wanted: &DesiredAlias) -> Diagnostic {
    const NOTHING: &str = "Nothing was changed.";
    match doubt {
        AliasDoubt::AlarmFires(name) => Diagnostic::warning(
            format!("Alarm `{name}` is firing: an apply would move nothing"),
            format!(
                "An alarm of `alarms` that fires rolls a move back, or keeps it from beginning.\n\nFind out what the alarm has \
                 found, and apply when it is quiet. To move all the same, remove it from `alarms`.\n\nCode {ALARM}."
            ),
        )
        .at(at("alarms")),
        AliasDoubt::AlarmMissing(name) => error(
            ALARM,
            format!("Alarm `{name}` does not exist"),
            &format!(
                "{NOTHING} An alarm that does not exist cannot stop a move.\n\nCreate the alarm first, or correct `alarms`."
            ),
        )
        .at(at("alarms")),
        AliasDoubt::NameTaken(found) => taken(wanted, Some(*found)),
        AliasDoubt::VersionFailed(reason) => version_failed(wanted, reason.as_deref(), NOTHING),
        AliasDoubt::VersionMissing => version_missing(wanted, NOTHING),
    }
}

/// The alias was there, as it is wanted.
pub(super) fn adopted(applied: &AliasApplied) -> Diagnostic {
    let alias = &applied.alias;
    let changed = match &applied.described {
        None => "nothing was changed".to_owned(),
        Some(before) if before.is_empty() => "only its description was added".to_owned(),
        Some(before) => format!("only its description was changed; it was `{before}`"),
    };
    Diagnostic::warning(
        format!(
            "Alias `{}` of function `{}` existed already, and is managed from now on",
            alias.name, alias.function
        ),
        format!(
            "Its traffic was as the configuration describes it, as an interrupted apply may leave it; {changed}. A destroy \
             deletes it.\n\nIf it belongs to somebody else, remove it from the state: `terraform state rm ADDRESS`, where ADDRESS \
             is the address of this resource.\n\nCode {TAKEN}."
        ),
    )
}

fn call_failed(call: AliasCall, failed: &Error, now: &str, wanted: &DesiredAlias) -> Diagnostic {
    let id = wanted.qualified();
    let doing = match call {
        AliasCall::Alarms => "read the alarms".to_owned(),
        AliasCall::Change => format!("change alias `{id}`"),
        AliasCall::Create => format!("create alias `{id}`"),
        AliasCall::Find => format!("read alias `{id}`"),
        AliasCall::Version => format!("read version {} of `{}`", wanted.version, wanted.function),
    };
    explained(&doing, failed, now)
}

/// The alias stays.
pub(super) fn not_deleted(function: &str, name: &str, failed: &Error) -> Diagnostic {
    let doing = format!("delete alias `{name}` of function `{function}`");
    explained(
        &doing,
        failed,
        "As far as is known, the alias still exists.",
    )
}

fn explained(doing: &str, failed: &Error, now: &str) -> Diagnostic {
    let (summary, next) = match failed.kind {
        ErrorKind::Denied => (
            format!("AWS does not allow to {doing}"),
            access_advice(failed),
        ),
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => (
            format!("No response to the request to {doing}"),
            "Apply again when AWS responds: the apply continues from where the alias is."
                .to_owned(),
        ),
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::NotFound
        | ErrorKind::Rejected => (
            format!("AWS refuses to {doing}"),
            "Correct what AWS names, then apply again.".to_owned(),
        ),
        ErrorKind::Unexpected => (
            format!("AWS's response to the request to {doing} cannot be understood"),
            "Check what responds at the endpoint, then apply again.".to_owned(),
        ),
    };
    let detail = called::detail(now, failed, &next);
    Diagnostic::error(summary, format!("{detail}\n\nCode {CALL}."))
}
