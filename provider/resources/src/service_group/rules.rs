//! What single values have to be.

use std::time::Duration;

use tfplugin::schema::Validator;
use tfplugin::schema::validators::{parses, string};

use super::arn::service_of;
use crate::blue_green_service::checks as checks_of;
use crate::duration;
use crate::names::task_definition_name;

/// A tag's value, and an argument of the command.
pub(super) fn name() -> impl Validator + Clone {
    string(
        "must be 1 to 100 letters, digits, hyphens and underscores",
        |text| is_name(text, 100),
    )
}

/// A word of the note that each member carries: all of it has to fit into a tag.
pub(super) fn member() -> impl Validator + Clone {
    string(
        "must be 1 to 40 letters, digits, hyphens and underscores",
        |text| is_name(text, 40),
    )
}

fn is_name(text: &str, longest: usize) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=longest).contains(&text.len()) && text.bytes().all(is_letter)
}

pub(super) fn service() -> impl Validator + Clone {
    string(
        "must be the ARN of an ECS service, such as `arn:aws:ecs:eu-west-1:123456789012:service/main/web`",
        |text| service_of(text).is_some(),
    )
}

/// What is live always has a revision: without one, nobody could tell whether it is as wanted.
pub(super) fn task_definition() -> impl Validator + Clone {
    string(
        "must name a revision: an ARN or `family:revision`",
        |text| {
            let revision = task_definition_name(text).rsplit_once(':');
            revision.is_some_and(|(family, revision)| {
                !family.is_empty() && revision.parse::<u32>().is_ok()
            })
        },
    )
}

/// What an apply of a service evaluates itself.
pub(super) fn checks() -> impl Validator + Clone {
    parses(
        "must be `jsonencode({ gate = …, health_score = …, deployment = … })` of a service",
        |text| checks_of(text).map(drop),
    )
}

pub(super) fn pause() -> impl Validator + Clone {
    string("must be a duration from `0s` to `24h`", |text| {
        duration::parse(text).is_ok_and(|time| time <= Duration::from_secs(24 * 3600))
    })
}

pub(super) fn timeout() -> impl Validator + Clone {
    string("must be a duration from `1m` to `24h`", |text| {
        let limits = Duration::from_secs(60)..=Duration::from_secs(24 * 3600);
        duration::parse(text).is_ok_and(|time| limits.contains(&time))
    })
}
