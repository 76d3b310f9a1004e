//! How AWS says that an input breaks a service's model.

use super::check::{Broken, PathStep, Violation};
use super::shape::{Kind, Model, Operation};
use crate::protocol::{Protocol, Refusal};

/// Codes that every operation of a service may answer with and no model lists.
const COMMON: [&str; 17] = [
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalFailure",
    "InvalidAction",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "MalformedInput",
    "MissingParameter",
    "SerializationException",
    "ServiceUnavailable",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
];

pub(super) fn is_common(code: &str) -> bool {
    COMMON.contains(&code)
}

/// The refusal of an input with at least one violation. A body that cannot be read into the operation's input is refused
/// before any rule is looked at.
pub(super) fn of(
    service: &str,
    operation: &str,
    model: &Model,
    described: &Operation,
    protocol: Protocol,
    violations: &[Violation],
) -> Refusal {
    let unreadable = violations
        .iter()
        .find_map(|violation| match violation.broken {
            Broken::Kind { wanted, got } => Some((wanted, got)),
            Broken::Missing
            | Broken::Unknown
            | Broken::Shorter(_)
            | Broken::Longer(_)
            | Broken::Below(_)
            | Broken::Above(_)
            | Broken::Word(_)
            | Broken::Pattern(_) => None,
        });
    if let Some((wanted, got)) = unreadable {
        let code = match protocol {
            Protocol::Query { .. } | Protocol::Ec2Query => "MalformedInput",
            Protocol::Json(_) | Protocol::RpcV2Cbor | Protocol::RestJson | Protocol::RestXml => {
                "SerializationException"
            }
        };
        return Refusal::new(400, code, unread(wanted, got));
    }
    let declared = model.error_codes(described);
    let code = match service {
        "ecs" if operation == "RegisterTaskDefinition" => "ClientException",
        "ecs" => "InvalidParameterException",
        "elbv2" | "cloudwatch" => "ValidationError",
        "codedeploy" => violations
            .iter()
            .find_map(|violation| named_after(violation, &declared))
            .unwrap_or("ValidationException"),
        _ => "ValidationException",
    };
    let sentences: Vec<String> = violations.iter().map(sentence).collect();
    let errors = if violations.len() == 1 {
        "error"
    } else {
        "errors"
    };
    let count = violations.len();
    Refusal::new(
        400,
        code,
        format!(
            "{count} validation {errors} detected: {}",
            sentences.join("; ")
        ),
    )
}

fn unread(wanted: Kind, got: &str) -> String {
    match (wanted, got) {
        (Kind::List, _) => "Expected list or null".to_owned(),
        (Kind::Structure | Kind::Map, _) => "Expected structure or null".to_owned(),
        (_, "a structure") => "Start of structure or map found where not expected.".to_owned(),
        (_, "a list") => "Start of list found where not expected".to_owned(),
        (kind, got) => {
            let got = match got {
                "a text" => "STRING_VALUE",
                "a fraction" => "DECIMAL_VALUE",
                "a boolean" => "BOOLEAN_VALUE",
                _ => "NUMBER_VALUE",
            };
            format!("{got} can not be converted to {kind:?}")
        }
    }
}

/// CodeDeploy has an error for almost each of its members: `ApplicationNameRequiredException`,
/// `InvalidApplicationNameException`.
fn named_after<'a>(
    violation: &Violation,
    declared: &std::collections::BTreeSet<&'a str>,
) -> Option<&'a str> {
    let member = violation.member()?.to_ascii_lowercase();
    let wanted = match violation.broken {
        Broken::Missing => format!("{}requiredexception", member.trim_end_matches('s')),
        Broken::Unknown
        | Broken::Kind { .. }
        | Broken::Shorter(_)
        | Broken::Longer(_)
        | Broken::Below(_)
        | Broken::Above(_)
        | Broken::Word(_)
        | Broken::Pattern(_) => format!("invalid{}exception", member.trim_end_matches('s')),
    };
    declared
        .iter()
        .find(|code| code.to_ascii_lowercase() == wanted)
        .copied()
}

fn sentence(violation: &Violation) -> String {
    let value = match (&violation.broken, &violation.value) {
        (Broken::Missing, _) => "Value null".to_owned(),
        (_, Some(value)) => format!("Value '{value}'"),
        (_, None) => "Value".to_owned(),
    };
    let constraint = match &violation.broken {
        Broken::Missing => "Member must not be null".to_owned(),
        Broken::Shorter(least) => {
            format!("Member must have length greater than or equal to {least}")
        }
        Broken::Longer(most) => format!("Member must have length less than or equal to {most}"),
        Broken::Below(least) => format!("Member must have value greater than or equal to {least}"),
        Broken::Above(most) => format!("Member must have value less than or equal to {most}"),
        Broken::Word(words) => {
            format!("Member must satisfy enum value set: [{}]", words.join(", "))
        }
        Broken::Pattern(pattern) => {
            format!("Member must satisfy regular expression pattern: {pattern}")
        }
        Broken::Unknown | Broken::Kind { .. } => "Member must be known".to_owned(),
    };
    format!(
        "{value} at '{}' failed to satisfy constraint: {constraint}",
        place(&violation.path)
    )
}

/// `tags.1.member.key`: members begin with a small letter, positions count from 1.
fn place(path: &[PathStep]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            PathStep::Member(name) => lower_first(name),
            PathStep::Item(number) => format!("{}.member", number + 1),
            PathStep::Key(key) => format!("{key}.member"),
        })
        .collect();
    steps.join(".")
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
