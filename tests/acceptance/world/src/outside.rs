//! What tasks need from services that are not modelled: it is there, unless its name says otherwise.

use serde_json::{Value, json};

use crate::image::{ImageBehaviour, StartFailure, digest_of};

/// What ends with this does not exist.
const MISSING: &str = "-missing";

/// An image in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `sha256:…`; the same for the same reference.
    pub digest: String,
    /// Operating systems and CPU architectures as Docker names them.
    pub platforms: &'static [&'static str],
}

/// What a registry has under a reference; its tag says whether there is anything ([`crate::image`]).
#[must_use]
pub fn image(reference: &str) -> Option<Image> {
    let behaviour = ImageBehaviour::of(reference);
    if behaviour.start_failure == Some(StartFailure::Missing) {
        return None;
    }
    Some(Image {
        digest: digest_of(reference),
        platforms: if behaviour.arm64_only {
            &["linux/arm64"]
        } else {
            &["linux/amd64", "linux/arm64"]
        },
    })
}

/// Whether a secret or parameter, named as in `valueFrom`, exists.
#[must_use]
pub fn secret_exists(reference: &str) -> bool {
    let name = name_of(reference);
    !name.ends_with(MISSING) && !without_suffix(name).ends_with(MISSING)
}

/// Whether a log group exists.
#[must_use]
pub fn log_group_exists(group: &str) -> bool {
    !group.ends_with(MISSING)
}

/// The IPv4 addresses that a subnet has left: two where its name ends with `-full`, none where it ends with `-exhausted`, and
/// those of a /24 elsewhere.
#[must_use]
pub fn free_addresses(subnet: &str) -> Option<u32> {
    match subnet {
        missing if missing.ends_with(MISSING) => None,
        full if full.ends_with("-full") => Some(2),
        none if none.ends_with("-exhausted") => Some(0),
        _ => Some(251),
    }
}

/// Whether a line matches a filter pattern of CloudWatch Logs, as far as patterns of terms go: all of them, or any of those
/// that begin with `?`; quotes hold words together.
#[must_use]
pub fn log_pattern_matches(pattern: &str, line: &str) -> bool {
    let mut terms = Vec::new();
    for (index, part) in pattern.split('"').enumerate() {
        match index % 2 {
            1 => terms.push(part.to_owned()),
            _ => terms.extend(part.split_whitespace().map(str::to_owned)),
        }
    }
    let (any, all): (Vec<_>, Vec<_>) = terms.iter().partition(|term| term.starts_with('?'));
    let has = |term: &str| term.is_empty() || line.contains(term);
    let is_any = any.is_empty() || any.iter().any(|term| has(term.trim_start_matches('?')));
    is_any && all.iter().all(|term| has(term))
}

/// What a Lambda function answers, by its name: `-missing` does not exist, `-throws` fails by itself, `-fails` says that the
/// new revision is not good, and every other one says that it is. `-throws-at-7` and `-fails-at-7` do so in version 7 only. The
/// first part is `X-Amz-Function-Error`.
#[must_use]
pub fn function_answer(function: &str) -> Option<(Option<&'static str>, Value)> {
    let rest = match function.rsplit_once(":function:") {
        Some((_, rest)) => rest,
        None => function,
    };
    let (name, qualifier) = match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    };
    if name.ends_with(MISSING) {
        return None;
    }
    // Only the version that the name speaks of does what it says.
    let name = match name.rsplit_once("-at-") {
        Some((name, at)) if Some(at) == qualifier => name,
        Some(_) => "healthy",
        None => name,
    };
    Some(if name.ends_with("-throws") {
        let error = json!({ "errorMessage": "the cart is empty", "errorType": "Error" });
        (Some("Unhandled"), error)
    } else if name.ends_with("-fails") {
        let answer = json!({ "status": "Failed", "reason": "the cart is empty" });
        (None, answer)
    } else {
        (None, json!({ "status": "Succeeded" }))
    })
}

/// The state of a version of a function; `None` when there is none: `-missing` does not exist, and neither do versions from 100
/// on. Version 99 cannot be prepared.
#[must_use]
pub fn function_version(function: &str, version: &str) -> Option<&'static str> {
    if function.ends_with(MISSING) {
        return None;
    }
    match version {
        "$LATEST" => Some("Active"),
        number => match number.parse::<u32>().ok()? {
            99 => Some("Failed"),
            1..99 => Some("Active"),
            _ => None,
        },
    }
}

/// Days for which the certificate of a host outside of the network is valid: `expires-in-5d.example.com` says it itself.
#[must_use]
pub fn certificate_days(host: &str) -> u32 {
    const USUAL: u32 = 90;
    let days = host.strip_prefix("expires-in-");
    let days = days.and_then(|rest| rest.split_once("d.")?.0.parse().ok());
    days.unwrap_or(USUAL)
}

/// Whether somebody listens at a host outside of the network.
#[must_use]
pub fn host_exists(host: &str) -> bool {
    let label = host.split('.').next().unwrap_or(host);
    !label.ends_with(MISSING)
}

/// Whether a database exists.
#[must_use]
pub fn database_exists(identifier: &str) -> bool {
    !identifier.ends_with(MISSING)
}

/// Whether a snapshot of a database comes to a good end.
#[must_use]
pub fn snapshot_succeeds(identifier: &str) -> bool {
    !identifier.ends_with("-broken")
}

/// The name inside a secret's or parameter's ARN, or the name itself.
fn name_of(reference: &str) -> &str {
    let mut parts = reference.splitn(7, ':');
    match (parts.next(), parts.nth(4), parts.next()) {
        // `…:secret:NAME:JSON-KEY:STAGE:ID`
        (Some("arn"), Some("secret"), Some(rest)) => rest.split(':').next().unwrap_or(rest),
        (Some("arn"), Some(resource), _) => resource,
        (Some(_) | None, _, _) => reference,
    }
}

/// `NAME-AbCdEf` without the six characters Secrets Manager adds.
fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((before, suffix))
            if suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            before
        }
        Some(_) | None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_terms_are_understood() {
        for (pattern, line, matches) in [
            ("", "anything", true),
            ("ERROR", "an ERROR occurred", true),
            ("ERROR", "an error occurred", false),
            ("ERROR timeout", "ERROR: refused", false),
            ("?ERROR ?error", "an error occurred", true),
            ("?ERROR ?error", "all is well", false),
            ("\"is not\" found", "it is not found", true),
        ] {
            assert_eq!(
                log_pattern_matches(pattern, line),
                matches,
                "{pattern}: {line}"
            );
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        let arn = |name| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}");
        assert_eq!(name_of(&arn("db-AbCdEf:password::")), "db-AbCdEf");
        assert_eq!(without_suffix("db-missing-AbCdEf"), "db-missing");
        assert_eq!(
            name_of("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db-missing"),
            "parameter/shop/db-missing"
        );
        assert_eq!(name_of("/shop/db"), "/shop/db");
    }
}
