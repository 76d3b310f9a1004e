//! What CloudWatch demands of single values.

use jiff::Timestamp;
use tfplugin::schema::Validator;
use tfplugin::schema::validators::{parses, string};

pub(super) fn dashboard_name() -> impl Validator + Clone {
    string("must be 1 to 255 letters, digits, `-` and `_`", |text| {
        (1..=255).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

pub(super) fn alarm() -> impl Validator + Clone {
    string("must be the ARN of an alarm", |text| {
        text.starts_with("arn:") && text.contains(":alarm:")
    })
}

pub(super) fn log_group() -> impl Validator + Clone {
    string(
        "must be the name of a log group: letters, digits, `_`, `-`, `/`, `.` and `#`",
        |text| {
            (1..=512).contains(&text.len())
                && text.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/' | b'.' | b'#')
                })
        },
    )
}

pub(super) fn moment() -> impl Validator + Clone {
    parses("must be a time such as `2026-11-30T14:05:00Z`", |text| {
        text.parse::<Timestamp>().map_err(|error| error.to_string())
    })
}
