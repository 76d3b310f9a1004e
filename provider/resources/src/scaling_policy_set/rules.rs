//! What Application Auto Scaling demands of single values.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tfplugin::schema::validators::{number, one_of, parses, string};
use tfplugin::schema::{NestedBlock, Validator};
use tfplugin::value::Number;

use super::words::STATISTICS;
use crate::duration;

/// Target tracking takes fewer statistics of a metric than an alarm does.
pub(super) fn with_tracked_statistic(mut metric: NestedBlock) -> NestedBlock {
    for attribute in &mut metric.block.attributes {
        if attribute.name == "statistic" {
            attribute.validators = vec![Arc::new(one_of(STATISTICS))];
        }
    }
    metric
}

pub(super) fn service_name() -> impl Validator + Clone {
    string("must be the name of a service, not an ARN", |text| {
        !text.is_empty() && !text.contains(['/', ':'])
    })
}

pub(super) fn policy_name() -> impl Validator + Clone {
    string(
        "must be 1 to 255 characters without `|`, `:` and `/`",
        |text| {
            (1..=255).contains(&text.chars().count())
                && !text.contains(['|', ':', '/'])
                && !text.chars().any(char::is_control)
        },
    )
}

pub(super) fn tag_key() -> impl Validator + Clone {
    string("must not start with `aws:`, which AWS reserves", |key| {
        !key.starts_with("aws:")
    })
}

pub(super) fn load_balancer() -> impl Validator + Clone {
    arn("an Application Load Balancer", ":loadbalancer/app/")
}

pub(super) fn target_group() -> impl Validator + Clone {
    arn("a target group", ":targetgroup/")
}

fn arn(what: &str, kind: &'static str) -> impl Validator + Clone {
    string(format!("must be the ARN of {what}"), move |text| {
        text.starts_with("arn:") && text.contains(kind)
    })
}

pub(super) fn above_zero() -> impl Validator + Clone {
    number("must be above zero", |value| *value > Number::from(0))
}

/// The name of a metric in an expression.
pub(super) fn query_id() -> impl Validator + Clone {
    string(
        "must be a lower-case letter and then letters, digits and underscores, and not `result`",
        |text| {
            text.starts_with(|c: char| c.is_ascii_lowercase())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && text != "result"
        },
    )
}

pub(super) fn cooldown() -> impl Validator + Clone {
    at_most(Duration::from_secs(24 * 3600), "24 hours")
}

/// Of how long before a forecast load tasks are started.
pub(super) fn buffer() -> impl Validator + Clone {
    at_most(Duration::from_secs(3600), "1 hour")
}

fn at_most(longest: Duration, word: &'static str) -> impl Validator + Clone {
    parses(
        format!("must be a duration of at most {word}"),
        move |text| match duration::parse(text).map_err(|error| error.to_string())? {
            time if time > longest => Err(format!("`{text}` is longer than {word}.")),
            time => Ok(time),
        },
    )
}

/// Of an alarm.
pub(super) fn period() -> impl Validator + Clone {
    parses(
        "must be a duration of whole minutes, at least `1m`",
        |text| match duration::parse_minutes(text)? {
            0 => Err("A period takes at least one minute.".to_owned()),
            minutes => Ok(minutes),
        },
    )
}

pub(super) fn moment() -> impl Validator + Clone {
    parses(
        "must be a time with its offset, such as `2030-01-31T18:00:00Z`",
        str::parse::<Timestamp>,
    )
}

pub(super) fn schedule() -> impl Validator + Clone {
    string("must be `at(…)`, `rate(…)` or `cron(…)`", |text| {
        ["at(", "rate(", "cron("]
            .iter()
            .any(|start| text.starts_with(start))
            && text.ends_with(')')
    })
}
