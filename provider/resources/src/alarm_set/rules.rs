//! What CloudWatch demands of single values.

use tfplugin::schema::Validator;
use tfplugin::schema::validators::{number, one_of, string};
use tfplugin::value::Number;

use super::words::{AlarmWord, MissingWord};

/// Names of alarms begin with it, and stand in quotes in the rule of the composite alarm.
pub(super) fn set_name() -> impl Validator + Clone {
    string(
        "must be 1 to 100 letters, digits, `.`, `_`, `-` and `/`",
        |text| {
            (1..=100).contains(&text.len())
                && text.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/')
                })
        },
    )
}

pub(crate) fn load_balancer() -> impl Validator + Clone {
    string("must be the ARN of an Application Load Balancer", |text| {
        text.starts_with("arn:") && text.contains(":loadbalancer/app/")
    })
}

pub(crate) fn target_group() -> impl Validator + Clone {
    string("must be the ARN of a target group", |text| {
        text.starts_with("arn:") && text.contains(":targetgroup/")
    })
}

/// What an alarm calls: a topic, or anything else that CloudWatch takes.
pub(super) fn action() -> impl Validator + Clone {
    string("must be an ARN, such as that of an SNS topic", |text| {
        text.starts_with("arn:") && text.split(':').count() >= 6
    })
}

/// Identifiers of databases and cache nodes: a part of names of alarms.
pub(crate) fn identifier() -> impl Validator + Clone {
    string(
        "must be the identifier of an instance or a node: letters, digits and hyphens",
        |text| {
            (1..=63).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        },
    )
}

pub(super) fn alarm() -> impl Validator + Clone {
    one_of(AlarmWord::WORDS.iter().copied())
}

pub(super) fn missing() -> impl Validator + Clone {
    one_of(MissingWord::WORDS.iter().copied())
}

pub(super) fn threshold() -> impl Validator + Clone {
    number("must not be negative", |value| *value >= Number::from(0))
}

pub(super) fn tag_key() -> impl Validator + Clone {
    string(
        "must be 1 to 128 characters and not start with `aws:`, which AWS reserves",
        |key| (1..=128).contains(&key.chars().count()) && !key.starts_with("aws:"),
    )
}
