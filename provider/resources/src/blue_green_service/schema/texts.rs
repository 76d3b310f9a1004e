//! Validators of texts.

use std::time::Duration;

use switchyard_engine::Rule;
use tfplugin::schema::Validator;
use tfplugin::schema::validators::{keys, parses, string};

use crate::duration;
use crate::names;

pub(super) fn duration_text() -> impl Validator + Clone {
    parses("must be a duration", duration::parse)
}

/// What waits or is waited for takes some time.
pub(super) fn some_time() -> impl Validator + Clone {
    string("must be a duration above zero", |text| {
        duration::parse_precise(text) != Ok(Duration::ZERO)
    })
}

pub(super) fn minutes_text(most: u32) -> impl Validator + Clone {
    parses(
        format!("must be a duration of whole minutes, at most {most} minutes"),
        move |text| match duration::parse_minutes(text)? {
            minutes if minutes > most => Err(format!("`{text}` is longer than {most} minutes.")),
            minutes => Ok(minutes),
        },
    )
}

pub(super) fn listener_or_rule() -> impl Validator + Clone {
    string("must be the ARN of a listener rule or listener", |text| {
        text.contains(":listener-rule/") || text.contains(":listener/")
    })
}

pub(super) fn tag_keys() -> impl Validator + Clone {
    keys(string(
        "must not start with `aws:`, which AWS reserves",
        |key| !key.starts_with("aws:"),
    ))
}

pub(super) fn is_service_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

pub(super) fn is_code_deploy_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
}

/// A duration that may end in milliseconds.
pub(super) fn precise_text() -> impl Validator + Clone {
    parses(
        "must be a duration, such as `300ms` or `2s`",
        duration::parse_precise,
    )
}

pub(super) fn role_arn() -> impl Validator + Clone {
    string("must be an IAM role ARN", |text| {
        text.starts_with("arn:") && text.contains(":role/")
    })
}

/// The id of a check of the plan.
pub(super) fn rule_id() -> impl Validator + Clone {
    string(
        "must be the id of a check of the plan (`SY0101` and up, see the error reference)",
        |text| Rule::ALL.iter().any(|rule| rule.id() == text),
    )
}

pub(super) fn http_url() -> impl Validator + Clone {
    string(
        "must be a URL that starts with http:// or https://",
        |text| {
            ["http://", "https://"].iter().any(|scheme| {
                text.strip_prefix(scheme)
                    .is_some_and(|rest| !rest.is_empty() && names::is_visible(rest))
            })
        },
    )
}

pub(super) fn json_text() -> impl Validator + Clone {
    parses("must be JSON", |text| {
        serde_json::from_str::<serde_json::Value>(text)
    })
}
