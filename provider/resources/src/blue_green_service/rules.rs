//! What single values have to be.

use std::time::Duration;

use switchyard_engine::ports::{ScheduleExpression, Share};
use switchyard_engine::{Days, Rule};
use tfplugin::schema::validators::{between, each, float, keys, number, one_of, parses, string};
use tfplugin::schema::{Attribute, NestedBlock, Validator};
use tfplugin::value::Number;

use super::parse;
use super::words::StageWord;
use crate::duration;
use crate::names;

/// Every element is one of these words.
pub(crate) fn words(words: &'static [&'static str]) -> impl Validator + Clone {
    each(one_of(words.iter().copied()))
}

pub(crate) fn duration_text() -> impl Validator + Clone {
    parses("must be a duration", duration::parse)
}

/// A duration that may end in milliseconds.
pub(crate) fn precise_text() -> impl Validator + Clone {
    parses(
        "must be a duration, such as `300ms` or `2s`",
        duration::parse_precise,
    )
}

/// A statistic of CloudWatch; it tells capital and small letters apart.
pub(crate) fn statistic() -> impl Validator + Clone {
    string(
        "must be `Average`, `Maximum`, `Minimum`, `SampleCount`, `Sum`, `IQM`, or a percentile or a trimmed statistic, such as `p99`, `tm90` or `TM(10%:90%)`",
        names::is_statistic,
    )
}

/// What waits or is waited for takes some time.
pub(crate) fn some_time() -> impl Validator + Clone {
    string("must be longer than zero", |text| {
        duration::parse_precise(text) != Ok(Duration::ZERO)
    })
}

/// Half of the width of an anomaly band.
pub(super) fn band_width() -> impl Validator + Clone {
    number(
        "must be more than 0, and at most 100 standard deviations",
        |value| *value > Number::from(0) && *value <= Number::from(100),
    )
}

/// At most a day.
pub(crate) fn minutes_text() -> impl Validator + Clone {
    const MOST: u32 = 1440;
    parses(
        format!("must be a duration of whole minutes, at most {MOST} minutes"),
        |text| match duration::parse_minutes(text)? {
            minutes if minutes > MOST => Err(format!("`{text}` is longer than {MOST} minutes.")),
            minutes => Ok(minutes),
        },
    )
}

/// How long a weight is held: a time, or until a person approves.
pub(super) fn hold_text() -> impl Validator + Clone {
    parses("must be a duration or `approval`", |text| match text {
        parse::APPROVAL => Ok(Duration::ZERO),
        text => duration::parse(text),
    })
}

/// At most what AWS allows for a pause.
pub(super) fn pause_text() -> impl Validator + Clone {
    const MOST: u32 = parse::MOST_PAUSE_MINUTES;
    parses(
        format!("must be a duration of 1 to {MOST} whole minutes"),
        |text| match duration::parse_minutes(text)? {
            0 => Err(format!("`{text}` is no time to wait.")),
            minutes if minutes > MOST => Err(format!("`{text}` is longer than {MOST} minutes.")),
            minutes => Ok(minutes),
        },
    )
}

pub(super) fn service_name() -> impl Validator + Clone {
    string(
        "must be 1 to 255 letters, digits, hyphens and underscores",
        |text| {
            (1..=255).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        },
    )
}

pub(super) fn code_deploy_name() -> impl Validator + Clone {
    string("must be 1 to 100 letters, digits and `+=,.@_-`", |text| {
        (1..=100).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b))
    })
}

pub(super) fn target_group() -> impl Validator + Clone {
    string("must be a target group ARN", |text| {
        text.contains(":targetgroup/")
    })
}

pub(super) fn listener_or_rule() -> impl Validator + Clone {
    string("must be the ARN of a listener rule or listener", |text| {
        text.contains(":listener-rule/") || text.contains(":listener/")
    })
}

pub(super) fn role_arn() -> impl Validator + Clone {
    string("must be an IAM role ARN", |text| {
        text.starts_with("arn:") && text.contains(":role/")
    })
}

pub(super) fn function_arn() -> impl Validator + Clone {
    string("must be a Lambda function ARN", |text| {
        text.starts_with("arn:") && text.contains(":lambda:") && text.contains(":function:")
    })
}

pub(super) fn tag_keys() -> impl Validator + Clone {
    keys(string(
        "must not start with `aws:`, which AWS reserves",
        |key| !key.starts_with("aws:"),
    ))
}

/// The id of a check of the plan.
pub(super) fn rule_id() -> impl Validator + Clone {
    string(
        "must be the id of a check of the plan (`SY0101` and up, see the error reference)",
        |text| Rule::ALL.iter().any(|rule| rule.id() == text),
    )
}

/// What ECS takes for a shift of a canary or of equal parts.
pub(super) fn shift() -> impl Validator + Clone {
    let least = Share::of_tenths(10);
    number(
        "must be at least 1 and at most 100, in steps of 0.1",
        move |percent| parse::share(percent).is_some_and(|share| share >= least),
    )
}

pub(super) fn share() -> impl Validator + Clone {
    number(
        "must be above 0 and at most 100, in steps of 0.1",
        |percent| parse::share(percent).is_some(),
    )
}

pub(crate) fn http_url() -> impl Validator + Clone {
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

/// A name or an IP address, as it is connected to.
pub(super) fn host() -> impl Validator + Clone {
    string(
        "must be a host name or an IP address, without a scheme and a port",
        |text| {
            let is_name = |text: &str| {
                !text.is_empty()
                    && text.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
                    })
            };
            is_name(text) || text.parse::<std::net::Ipv6Addr>().is_ok()
        },
    )
}

/// How long a function of Lambda may take.
pub(crate) fn function_time() -> impl Validator + Clone {
    string("must be a duration from `1s` to `15m`", |text| {
        let limits = Duration::from_secs(1)..=Duration::from_secs(900);
        duration::parse_precise(text).is_ok_and(|time| limits.contains(&time))
    })
}

pub(super) fn url_path() -> impl Validator + Clone {
    string("must begin with `/`, without spaces and in ASCII", |text| {
        text.starts_with('/') && names::is_visible(text)
    })
}

pub(super) fn header_name() -> impl Validator + Clone {
    string(
        "must be the name of a header: letters, digits and hyphens",
        |name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        },
    )
}

pub(super) fn header_value() -> impl Validator + Clone {
    string(
        "must be made of ASCII letters, digits, punctuation and spaces",
        |text| {
            text.bytes()
                .all(|byte| byte == b' ' || byte.is_ascii_graphic())
        },
    )
}

pub(crate) fn status() -> impl Validator + Clone {
    parses(
        "must be a status code or a range such as `200-299`",
        parse::status_range,
    )
}

pub(crate) fn json_pointer() -> impl Validator + Clone {
    string("must be a JSON pointer, such as `/status`", |key| {
        key.is_empty() || key.starts_with('/')
    })
}

pub(crate) fn json_text() -> impl Validator + Clone {
    parses("must be JSON", |text| {
        serde_json::from_str::<serde_json::Value>(text)
    })
}

pub(crate) fn comparison() -> impl Validator + Clone {
    parses("must be a comparison", parse::condition)
}

pub(super) fn query_id() -> impl Validator + Clone {
    string(
        "must be a lower-case letter, then letters, digits and underscores",
        parse::is_query_id,
    )
}

pub(crate) fn period() -> impl Validator + Clone {
    parses("must be a period of CloudWatch", parse::period)
}

/// When a window of a freeze begins.
pub(super) fn window_begin() -> impl Validator + Clone {
    parses("must be `cron(…)` or `at(…)`", |text| {
        if text.starts_with("rate(") {
            return Err("`rate(…)` has no beginning here.".to_owned());
        }
        ScheduleExpression::parse(text).map_err(|why| format!("`{text}`: {why}."))
    })
}

/// A day, or the first and the last of several.
pub(super) fn days() -> impl Validator + Clone {
    parses(
        "must be a day or two days, such as `2026-12-24` or `2026-12-24/2026-12-26`",
        Days::parse,
    )
}

/// The name of a time zone.
pub(super) fn time_zone() -> impl Validator + Clone {
    parses("must be a time zone, such as `Europe/Berlin`", |text| {
        switchyard_engine::ports::time_zone(Some(text))
    })
}

/// ECS cannot change the launch type of a service.
pub(super) fn replaced_by_another(launch_type: Attribute) -> Attribute {
    launch_type.requires_replace_if(
        "because ECS cannot change the launch type of a service",
        // From a capacity provider strategy AWS goes back to the launch type in place.
        |change| {
            !change.prior.is_null() && !change.planned.is_null() && !change.planned.is_unknown()
        },
    )
}

/// A service keeps the scheduling it was created with.
pub(super) fn fixed_scheduling(scheduling: Attribute) -> Attribute {
    scheduling.requires_replace_if(
        "because a service keeps the scheduling strategy it was created with",
        |change| !change.prior.is_null() && !change.planned.is_unknown(),
    )
}

/// The description ends with the stages.
pub(super) fn named_stages(mut stages: Attribute) -> Attribute {
    stages.description += &format!(": `{}`.", StageWord::WORDS.join("`, `"));
    stages
}

/// The description ends with the stages at which nothing moves.
pub(super) fn named_pauses(mut stages: Attribute) -> Attribute {
    stages.description += &format!(": `{}`.", pauses().join("`, `"));
    stages
}

/// The words of the stages at which a deployment can wait.
pub(super) fn pauses() -> Vec<&'static str> {
    let words = StageWord::WORDS.iter().copied();
    words
        .filter(|word| StageWord::parse(word).can_pause())
        .collect()
}

/// Every one of the equal shifts is larger than the one of a canary has to be.
pub(crate) fn each_shift(mut shift: NestedBlock) -> NestedBlock {
    for attribute in &mut shift.block.attributes {
        if attribute.name == "percent" {
            let percent = Attribute::number("percent").required();
            *attribute = percent
                .validator(between(3, 100))
                .validator(float())
                .description("Traffic of each shift, in percent, 3 to 100.");
        }
    }
    shift
}
