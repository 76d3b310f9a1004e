//! What single values have to be.

use tfplugin::schema::Attribute;
use tfplugin::schema::Validator;
use tfplugin::schema::validators::string;

/// Longest name of an alias (CreateAlias).
const LONGEST_NAME: usize = 128;

/// A name, a partial ARN or an ARN, without a version.
pub(super) fn function() -> impl Validator + Clone {
    string(
        "must be the name or the ARN of a function, without a version or an alias",
        |text| (1..=170).contains(&text.len()) && is_unqualified(text),
    )
}

fn is_unqualified(text: &str) -> bool {
    let name = function_name(text);
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match text.rsplit_once(":function:") {
        Some((_, rest)) => is_name(rest),
        None => is_name(name) && name == text,
    }
}

/// The name of a function in an ARN, or the text itself.
pub(super) fn function_name(text: &str) -> &str {
    match text.rsplit_once(":function:") {
        Some((_, name)) => name,
        None => text,
    }
}

/// A name that cannot be taken for a version.
pub(super) fn alias_name() -> impl Validator + Clone {
    string(
        "must be 1 to 128 letters, digits, hyphens and underscores, and not only digits",
        |text| {
            (1..=LONGEST_NAME).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                && !text.bytes().all(|byte| byte.is_ascii_digit())
        },
    )
}

/// `$LATEST` cannot share an alias with another version, and changes under it.
pub(super) fn version() -> impl Validator + Clone {
    string(
        "must be the number of a published version, such as `aws_lambda_function.checkout.version` with `publish = true`",
        |text| {
            !text.starts_with('0')
                && (1..=19).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_digit())
        },
    )
}

/// Another function has an alias of its own; another spelling of it is the same.
pub(super) fn replaced_unless_same_function(attribute: Attribute) -> Attribute {
    attribute.requires_replace_if(
        "unless both spellings name the same function",
        |change| match (change.prior.as_str(), change.planned.as_str()) {
            (Some(prior), Some(planned)) => !is_same(prior, planned),
            _ => true,
        },
    )
}

fn is_same(left: &str, right: &str) -> bool {
    let both_are_arns = left.starts_with("arn:") && right.starts_with("arn:");
    match both_are_arns {
        true => left == right,
        false => function_name(left) == function_name(right),
    }
}
