//! What the user can write, and what it does.

use std::time::Duration;

use tfplugin::schema::validators::{
    between, each, items_at_least, items_between, keys, length_between, parses, string,
    whole_number,
};
use tfplugin::schema::{Attribute, IdentitySchema, Nesting, Schema, Validator};
use tfplugin::value::Type;

use super::validate::parse_cidr;
use crate::{duration, names};

/// Schema version stored in state.
const VERSION: i64 = 0;

/// Longest group stickiness (a rule of Elastic Load Balancing).
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

const DESCRIPTION: &str = "A rule of an Application Load Balancer that forwards to a pair of target groups, and whose \
    weights belong to whoever deploys.\n\n\
    A deployment shifts weights between the two groups and leaves production on the other side. This resource sets \
    the weights once, when it makes the rule; from then on no plan shows them and no apply writes them. Conditions, \
    priority, tags and the pair itself are the configuration's, and what somebody else changes of them is told and \
    put right.\n\n\
    With `aws_lb_listener_rule` the same needs `lifecycle { ignore_changes = [action] }`: without that line, the next \
    apply of anything puts the first weights back and sends production to the side without tasks. A `moved` block \
    takes such a rule over without a change in AWS.";

pub(super) fn schema() -> Schema {
    Schema::new(VERSION)
        .code(crate::called::INVALID)
        .description(DESCRIPTION)
        .attributes(place())
        .attributes(rest())
        .attributes(computed())
}

pub(super) fn identity() -> IdentitySchema {
    IdentitySchema::new(0).required("arn", Type::String, "ARN of the rule.")
}

fn place() -> Vec<Attribute> {
    vec![
        Attribute::string("listener_arn")
            .required()
            .requires_replace()
            .validator(string(
                "must be the ARN of a listener of an Application Load Balancer",
                |text| text.starts_with("arn:") && text.contains(":listener/app/"),
            ))
            .description("ARN of the listener, of an Application Load Balancer: others have no rules."),
        Attribute::number("priority")
            .optional_computed()
            .validator(whole_number())
            .validator(between(1, 50_000))
            .description(
                "Place among the rules of the listener, 1 to 50000: the lowest is asked first, and each is there once. \
                 When absent, the next one above the highest is taken and kept.",
            ),
        Attribute::nested("conditions", Nesting::Single, conditions())
            .required()
            .description(
                "Which requests the rule takes: those that fulfil every condition written here. At most five values \
                 and regular expressions altogether (a limit of AWS).",
            ),
        Attribute::list("target_groups", Type::String)
            .required()
            .validator(items_between(2, 2))
            .validator(each(string("must be the ARN of a target group", |text| {
                text.starts_with("arn:") && text.contains(":targetgroup/")
            })))
            .description(
                "ARNs of the pair of target groups. The first gets all requests when the rule is made (for a test \
                 rule that is the side production does not use); after that their order says nothing, and weights \
                 are neither shown nor written. A group that gets requests cannot be taken out of the pair.",
            ),
    ]
}

fn conditions() -> Vec<Attribute> {
    vec![
        values("host_header", host()).description(
            "Host names, of which one has to match, in any case: `shop.example.com`, `*.example.com`. `*` stands for \
             any characters, `?` for one.",
        ),
        values("host_header_regex", pattern())
            .description("Regular expressions over the host name instead of `host_header`."),
        Attribute::nested("http_header", Nesting::Set, http_header())
            .optional()
            .validator(items_at_least(1))
            .description("Headers. Each entry has to be fulfilled."),
        values("http_request_method", string(
            "must be 1 to 40 of `A` to `Z`, `-` and `_`",
            |text| {
                (1..=40).contains(&text.len())
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
            },
        ))
        .description("Methods, of which one has to match exactly: `GET`."),
        values("path_pattern", pattern()).description(
            "Paths, of which one has to match, case and all: `/checkout/*`. Without the query string. `*` stands for \
             any characters, `?` for one.",
        ),
        values("path_pattern_regex", pattern())
            .description("Regular expressions over the path instead of `path_pattern`."),
        Attribute::nested("query_string", Nesting::Set, query_string())
            .optional()
            .validator(items_at_least(1))
            .description("Query strings. Each entry has to be fulfilled."),
        values("source_ip", parses("must be a CIDR range", parse_cidr)).description(
            "CIDR ranges, of which one has to hold the address of the client: `10.0.0.0/8`. Behind a proxy that is \
             the proxy's address.",
        ),
    ]
}

fn values(name: &str, validator: impl Validator + Clone + 'static) -> Attribute {
    Attribute::set(name, Type::String)
        .optional()
        .validator(items_at_least(1))
        .validator(each(validator))
}

fn host() -> impl Validator + Clone {
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
fn pattern() -> impl Validator + Clone {
    string("must be 1 to 128 visible ASCII characters", |text| {
        (1..=128).contains(&text.len()) && names::is_visible(text)
    })
}

/// What AWS compares with a value of a header or of a query string.
fn compared() -> impl Validator + Clone {
    string("must be 1 to 128 printable ASCII characters", |text| {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    })
}

fn http_header() -> Vec<Attribute> {
    vec![
        Attribute::string("name")
            .required()
            .validator(string(
                "must be 1 to 40 characters that the name of a header can have",
                |text| {
                    (1..=40).contains(&text.len())
                        && text.bytes().all(|byte| {
                            byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
                        })
                },
            ))
            .description("Name of the header, in any case and without wildcards."),
        values("values", compared()).description(
            "Values, of which one has to match, in any case. `*` stands for any characters, `?` for one.",
        ),
        values("regex", compared())
            .description("Regular expressions over the value instead of `values`."),
    ]
}

fn query_string() -> Vec<Attribute> {
    vec![
        Attribute::nested(
            "values",
            Nesting::Set,
            vec![
                Attribute::string("key")
                    .optional()
                    .validator(compared())
                    .description("Key, in any case; any key when absent."),
                Attribute::string("value")
                    .required()
                    .validator(compared())
                    .description("Value, in any case. `*` stands for any characters, `?` for one."),
            ],
        )
        .required()
        .validator(items_at_least(1))
        .description("Pairs, of which one has to be in the query string."),
    ]
}

fn rest() -> Vec<Attribute> {
    vec![
        Attribute::string("stickiness")
            .optional()
            .validator(parses(
                "must be a duration from 1 second to 7 days",
                |text| match duration::parse(text).map_err(|error| error.to_string())? {
                    time if time < Duration::from_secs(1) || time > LONGEST => {
                        Err(format!("`{text}` is not."))
                    }
                    time => Ok(time),
                },
            ))
            .description(
                "How long a client stays with the target group it met first (group stickiness): `10m`. Off when \
                 absent. Longer than a step of a deployment, it makes that step smaller or larger than its weight \
                 says.",
            ),
        Attribute::map("tags", Type::String)
            .optional()
            .validator(items_at_least(1))
            .validator(keys(string(
                "must be 1 to 128 characters and not start with `aws:`, which AWS reserves",
                |key| (1..=128).contains(&key.chars().count()) && !key.starts_with("aws:"),
            )))
            .validator(each(length_between(0, 256)))
            .description("Tags of the rule."),
    ]
}

fn computed() -> Vec<Attribute> {
    vec![
        Attribute::string("id")
            .computed()
            .description("ARN of the rule."),
        Attribute::string("arn").computed().description(
            "ARN of the rule, for `production_listener_rule` or `test_listener_rule` of a \
             `switchyard_blue_green_service`.",
        ),
        Attribute::map("tags_all", Type::String)
            .computed()
            .description("All tags, with the provider's `default_tags`."),
    ]
}
