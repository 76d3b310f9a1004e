//! Single values as they are written: what rules check, and what the engine is asked for, is read here.

use std::ops::RangeInclusive;

use switchyard_engine::Share;
use switchyard_engine::gate::{Condition, Operator};
use tfplugin::value::Number;

use crate::duration;

/// The word for a step that is held until a person approves.
pub(super) const APPROVAL: &str = "approval";

/// The longest pause (AWS: `timeoutInMinutes` of a pause hook).
pub(super) const MOST_PAUSE_MINUTES: u32 = 20_160;

/// The share that is so many percent, when AWS takes it: some, and no finer than tenths.
pub(super) fn share(percent: &Number) -> Option<Share> {
    Share::exactly(percent.nearest_f64()?).filter(|share| !share.is_none())
}

/// A status code (`204`) or a range (`200-299`).
///
/// # Errors
/// Everything else, and codes outside of 100–599.
pub(crate) fn status_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let code = |text: &str| {
        text.parse::<u16>()
            .ok()
            .filter(|code| (100..=599).contains(code))
    };
    match (code(first), code(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first..=last),
        _ => Err(format!(
            "`{text}` is not a status code or a range. Write one code, such as \"204\", or the first and the last \
             one, such as \"200-299\"."
        )),
    }
}

/// A comparison: `<= 1`, `> 5.5`.
///
/// # Errors
/// Everything else.
pub(crate) fn condition(text: &str) -> Result<Condition, String> {
    let trimmed = text.trim();
    let operators = [
        (">=", Operator::AtLeast),
        ("<=", Operator::AtMost),
        (">", Operator::Above),
        ("<", Operator::Below),
    ];
    let found = operators
        .into_iter()
        .find_map(|(sign, operator)| Some((operator, trimmed.strip_prefix(sign)?)));
    let number = found.and_then(|(operator, rest)| {
        let number: Number = rest.trim().parse().ok()?;
        Some((operator, number.nearest_f64()?))
    });
    match number {
        Some((operator, value)) if value.is_finite() => Ok(Condition { operator, value }),
        Some(_) | None => Err(format!(
            "`{text}` is not a comparison. Write one of <, <=, > and >= and a number, such as \"<= 1\"."
        )),
    }
}

/// A period of CloudWatch in seconds.
///
/// # Errors
/// What is no duration, or none that CloudWatch takes.
pub(crate) fn period(text: &str) -> Result<u32, String> {
    let seconds = duration::parse(text)
        .map_err(|error| error.to_string())?
        .as_secs();
    let fits =
        matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds.is_multiple_of(60));
    match u32::try_from(seconds) {
        Ok(seconds) if fits && seconds <= 86_400 => Ok(seconds),
        Ok(_) | Err(_) => Err(format!(
            "CloudWatch has no values for periods of `{text}`: it accepts 1, 5, 10, 20 and 30 seconds, and whole \
             minutes up to a day."
        )),
    }
}

/// Whether CloudWatch takes it as the id of a query.
pub(super) fn is_query_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 255
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes_are_single_or_ranges() {
        assert_eq!(status_range("204"), Ok(204..=204));
        assert_eq!(status_range("200-299"), Ok(200..=299));
        for text in ["", "abc", "299-200", "99", "600", "200-", "2xx"] {
            assert!(status_range(text).is_err(), "{text}");
        }
    }

    #[test]
    fn conditions_are_a_sign_and_a_number() {
        for (text, operator, value) in [
            ("<= 1", Operator::AtMost, 1.0),
            ("<0.5", Operator::Below, 0.5),
            (" >= 10 ", Operator::AtLeast, 10.0),
            ("> -3", Operator::Above, -3.0),
        ] {
            assert_eq!(condition(text), Ok(Condition { operator, value }), "{text}");
        }
        for text in ["", "1", "= 1", "<= one", "<=", "=< 1", "<= NaN", "<= inf"] {
            assert!(condition(text).is_err(), "{text}");
        }
    }

    #[test]
    fn periods_are_those_of_cloudwatch() {
        assert_eq!(period("60s"), Ok(60));
        assert_eq!(period("5m"), Ok(300));
        assert_eq!(period("10s"), Ok(10));
        for text in ["0s", "45s", "61s", "25h", "soon"] {
            assert!(period(text).is_err(), "{text}");
        }
    }

    #[test]
    fn weights_are_whole_tenths() {
        for (text, expected) in [
            ("10", Some(100)),
            ("0.1", Some(1)),
            ("12.5", Some(125)),
            ("0.05", None),
            ("101", None),
        ] {
            assert_eq!(
                share(&text.parse().unwrap()),
                expected.map(Share::of_tenths),
                "{text}"
            );
        }
    }
}
