//! What single values have to be.

use std::time::Duration;

use tfplugin::schema::Validator;
use tfplugin::schema::validators::{keys, string};

use crate::duration;

/// Longest name: `startedBy` has at most 128 characters, and ours begins with `switchyard-migration/`.
const LONGEST_NAME: usize = 100;

/// The part of `startedBy` that is the user's (RunTask: letters, digits, `-`, `/` and `_`).
pub(crate) fn name() -> impl Validator + Clone {
    string(
        "must be 1 to 100 letters, digits, hyphens and underscores",
        |text| {
            (1..=LONGEST_NAME).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        },
    )
}

pub(crate) fn timeout() -> impl Validator + Clone {
    string("must be a duration from `10s` to `24h`", |text| {
        let limits = Duration::from_secs(10)..=Duration::from_secs(24 * 3600);
        duration::parse(text).is_ok_and(|time| limits.contains(&time))
    })
}

pub(crate) fn tag_keys() -> impl Validator + Clone {
    keys(string(
        "must not start with `aws:`, which AWS reserves, or with `switchyard:`, which the provider uses",
        |key| !key.starts_with("aws:") && !key.starts_with("switchyard:"),
    ))
}
