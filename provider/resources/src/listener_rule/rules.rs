//! What Elastic Load Balancing demands of single values.

use std::net::IpAddr;
use std::time::Duration;

use tfplugin::schema::Validator;
use tfplugin::schema::validators::{parses, string};

use crate::{duration, names};

/// Longest group stickiness (a rule of Elastic Load Balancing).
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn listener() -> impl Validator + Clone {
    string(
        "must be the ARN of a listener of an Application Load Balancer",
        |text| text.starts_with("arn:") && text.contains(":listener/app/"),
    )
}

pub(super) fn target_group() -> impl Validator + Clone {
    string("must be the ARN of a target group", |text| {
        text.starts_with("arn:") && text.contains(":targetgroup/")
    })
}

pub(super) fn stickiness() -> impl Validator + Clone {
    parses(
        "must be a duration from 1 second to 7 days",
        |text| match duration::parse(text).map_err(|error| error.to_string())? {
            time if time < Duration::from_secs(1) || time > LONGEST => {
                Err(format!("`{text}` is not."))
            }
            time => Ok(time),
        },
    )
}

pub(super) fn tag_key() -> impl Validator + Clone {
    string(
        "must be 1 to 128 characters and not start with `aws:`, which AWS reserves",
        |key| (1..=128).contains(&key.chars().count()) && !key.starts_with("aws:"),
    )
}

pub(super) fn host() -> impl Validator + Clone {
    string(
        "must be a host name of at most 128 characters with a dot in it; `*` and `?` are wildcards",
        |text| {
            (1..=128).contains(&text.len())
                && text.contains('.')
                && text.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*' | b'?')
                })
        },
    )
}

/// What AWS compares with a path, and takes as a regular expression.
pub(super) fn pattern() -> impl Validator + Clone {
    string("must be 1 to 128 visible ASCII characters", |text| {
        (1..=128).contains(&text.len()) && names::is_visible(text)
    })
}

/// What AWS compares with a value of a header or of a query string.
pub(super) fn compared() -> impl Validator + Clone {
    string("must be 1 to 128 printable ASCII characters", |text| {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    })
}

pub(super) fn method() -> impl Validator + Clone {
    string("must be 1 to 40 of `A` to `Z`, `-` and `_`", |text| {
        (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
    })
}

pub(super) fn cidr() -> impl Validator + Clone {
    parses("must be a CIDR range", parse_cidr)
}

/// `ADDRESS/BITS`.
pub(super) fn parse_cidr(text: &str) -> Result<(), String> {
    let right = || {
        let (address, bits) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let bits: u8 = bits.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        (bits <= most).then_some(())
    };
    right().ok_or_else(|| format!("`{text}` is not an address and a number of bits."))
}

pub(super) fn header_name() -> impl Validator + Clone {
    string(
        "must be 1 to 40 characters that the name of a header can have",
        |text| {
            (1..=40).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
        },
    )
}
