//! What a person has done by hand, left where whoever looks next finds it: in a tag of the service.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::OPERATED_TAG;
use switchyard_engine::ports::{Error, Ports};

use crate::words::to_second;

/// Characters that a tag's value may have (AWS).
const LONGEST: usize = 256;

/// Writes down what was done, and why.
///
/// # Errors
/// The call's error. What was done is done.
pub(crate) async fn record(
    ports: &Ports,
    service_arn: &str,
    done: &str,
    reason: Option<&str>,
) -> Result<(), Error> {
    let at = to_second(ports.clock.now());
    let set = BTreeMap::from([(
        OPERATED_TAG.to_owned(),
        value(&at.to_string(), done, reason),
    )]);
    let services = &ports.services;
    services
        .change_tags(service_arn, &set, &BTreeSet::new())
        .await
}

/// The tag's value. Others than letters, digits, spaces and `_.:/=+-@` are not allowed in one.
pub(crate) fn value(at: &str, done: &str, reason: Option<&str>) -> String {
    let text = match reason {
        Some(reason) => format!("{at} {done}: {reason}"),
        None => format!("{at} {done}"),
    };
    let is_allowed = |letter: &char| letter.is_alphanumeric() || " _.:/=+-@".contains(*letter);
    let text: String = text
        .chars()
        .map(|letter| if is_allowed(&letter) { letter } else { ' ' })
        .collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_into_a_tag() {
        assert_eq!(
            value(
                "2026-03-01T10:00:00Z",
                "rollback to web:7",
                Some("5xx after deploy, ticket #12\n(see chat)")
            ),
            "2026-03-01T10:00:00Z rollback to web:7: 5xx after deploy ticket 12 see chat"
        );
        let long = value("t", "stop", Some(&"ä".repeat(500)));
        assert_eq!(long.chars().count(), 256);
    }
}
