//! What a plan does not cover, in words.

use serde_json::{Value, json};

use super::{counted, plain};
use crate::finding::Report;
use crate::plan::secret::without_secrets;

/// Most objects that are named in one line.
const NAMED: usize = 10;

fn named(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(NAMED)
        .map(|name| plain(name))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMED {
        text.push_str(&format!(" and {} more", names.len() - NAMED));
    }
    text
}

/// One line for each limit of the plan.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let limits = &report.reading.limits;
    let mut lines = Vec::new();
    if limits.incomplete && !report.reading.errored {
        lines.push(
            "The plan is incomplete: Terraform says that it does not cover the whole configuration, as after -target \
             or -exclude; what it leaves out was not checked."
                .to_owned(),
        );
    }
    lines.extend(report.unlisted.as_deref().map(plain));
    if !limits.deferred.is_empty() {
        let names: Vec<String> = limits
            .deferred
            .iter()
            .map(|deferred| format!("{} ({})", deferred.address, deferred.reason))
            .collect();
        lines.push(format!(
            "Terraform deferred {} to a later plan, and their drift was not checked: {}.",
            counted(names.len(), "change", "changes"),
            named(&names)
        ));
    }
    for check in &limits.checks {
        let problems: Vec<String> = check
            .problems
            .iter()
            .map(|problem| without_secrets(problem))
            .collect();
        let status = match check.status.as_str() {
            "fail" => "failed",
            "error" => "could not be evaluated",
            other => other,
        };
        let colon = if problems.is_empty() { "" } else { ": " };
        lines.push(format!(
            "Check {} {}{colon}{}",
            plain(&check.name),
            plain(status),
            named(&problems)
        ));
    }
    if !limits.actions.is_empty() {
        lines.push(format!(
            "An apply invokes {}: {}.",
            counted(limits.actions.len(), "action", "actions"),
            named(&limits.actions)
        ));
    }
    if limits.wrapped {
        lines.push(
            "Lines of the wrapper of hashicorp/setup-terraform around the JSON were skipped; set \
             `terraform_wrapper: false`."
                .to_owned(),
        );
    }
    lines
}

/// The limits for programs.
pub(super) fn document(report: &Report) -> Value {
    let limits = &report.reading.limits;
    json!({
        "complete": !report.is_partial() && !report.reading.errored,
        "allowed": report.allow_partial,
        "deferred": limits.deferred.iter().map(|deferred| json!({
            "address": deferred.address, "reason": deferred.reason,
        })).collect::<Value>(),
        "failed_checks": limits.checks.iter().map(|check| json!({
            "name": check.name,
            "status": check.status,
            "problems": check.problems.iter().map(|text| without_secrets(text)).collect::<Value>(),
        })).collect::<Value>(),
        "actions": limits.actions,
        "notes": lines(report),
    })
}
