//! Durations as users write them: `"90s"`, `"5m"`, `"1h30m"`.

use std::fmt;
use std::time::Duration;

/// A text is not a duration. `Display` says what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvalidDuration {
    /// It is none.
    NotOne(String),
    /// AWS counts seconds in 32 bits.
    TooLong(String),
}

/// The longest one in seconds, 68 years: what AWS can express.
const LONGEST: u64 = 2_147_483_647;

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOne(given) => write!(
                f,
                "`{given}` is not a duration. Write whole numbers with the units h, m and s, largest first, such as \
                 \"90s\", \"5m\" or \"1h30m\"; zero is \"0s\"."
            ),
            Self::TooLong(given) => write!(
                f,
                "`{given}` is longer than AWS can express, which is {LONGEST} seconds (68 years)."
            ),
        }
    }
}

impl std::error::Error for InvalidDuration {}

/// Parses a duration: one or more of `<n>h`, `<n>m`, `<n>s`, in that order, each at most once.
///
/// # Errors
/// Everything else, including negative numbers, fractions, missing units and overflow.
pub(crate) fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration::NotOne(text.to_owned());
    let mut rest = text;
    let mut seconds: u64 = 0;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(invalid)?;
        let (number, tail) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| invalid())?;
        let (unit, tail) = match tail.chars().next() {
            Some('h') => (3600, tail.strip_prefix('h')),
            Some('m') => (60, tail.strip_prefix('m')),
            Some('s') => (1, tail.strip_prefix('s')),
            _ => return Err(invalid()),
        };
        if unit >= last_unit {
            return Err(invalid());
        }
        last_unit = unit;
        seconds = number
            .checked_mul(unit)
            .and_then(|s| seconds.checked_add(s))
            .ok_or_else(invalid)?;
        rest = tail.unwrap_or_default();
    }
    match seconds {
        _ if text.is_empty() => Err(invalid()),
        0..=LONGEST => Ok(Duration::from_secs(seconds)),
        _ => Err(InvalidDuration::TooLong(text.to_owned())),
    }
}

/// Parses a duration that may end in milliseconds: `"300ms"`, `"1s500ms"`, `"2s"`.
///
/// # Errors
/// Everything [`parse`] refuses, and 1000 milliseconds or more after seconds.
pub(crate) fn parse_precise(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration::NotOne(text.to_owned());
    let Some(rest) = text.strip_suffix("ms") else {
        return parse(text);
    };
    let seconds = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = rest.strip_prefix(seconds).unwrap_or_default();
    let number: u64 = number.parse().map_err(|_| invalid())?;
    if seconds.is_empty() {
        return match Duration::from_millis(number) {
            time if time.as_secs() > LONGEST => Err(InvalidDuration::TooLong(text.to_owned())),
            time => Ok(time),
        };
    }
    let whole = parse(seconds).map_err(|_| invalid())?;
    if number >= 1000 {
        return Err(invalid());
    }
    Ok(whole + Duration::from_millis(number))
}

/// Parses an age: a duration that may begin with whole days, such as `"30d"` or `"1d12h"`.
///
/// # Errors
/// Everything else; the text says what is wrong.
pub(crate) fn parse_age(text: &str) -> Result<Duration, String> {
    let invalid = || {
        format!(
            "`{text}` is not an age. Write whole numbers with the units d, h, m and s, largest first, such as \
             \"30d\" or \"12h\", and at most 24855 days (68 years)."
        )
    };
    let (days, rest) = match text.split_once('d') {
        Some((days, rest)) if days.bytes().all(|byte| byte.is_ascii_digit()) => {
            (days.parse::<u64>().map_err(|_| invalid())?, rest)
        }
        Some(_) => return Err(invalid()),
        None => (0, text),
    };
    let rest = if rest.is_empty() && text.ends_with('d') {
        Duration::ZERO
    } else {
        parse(rest).map_err(|_| invalid())?
    };
    days.checked_mul(86_400)
        .and_then(|seconds| Duration::from_secs(seconds).checked_add(rest))
        .filter(|age| age.as_secs() <= LONGEST)
        .ok_or_else(invalid)
}

/// Parses a duration that AWS counts in whole minutes.
///
/// # Errors
/// A text that is no duration, or one with a rest of seconds.
pub(crate) fn parse_minutes(text: &str) -> Result<u32, String> {
    let seconds = parse(text).map_err(|e| e.to_string())?.as_secs();
    if !seconds.is_multiple_of(60) {
        return Err(format!(
            "`{text}` is not a whole number of minutes; AWS counts this time in minutes."
        ));
    }
    u32::try_from(seconds / 60).map_err(|_| format!("`{text}` is longer than AWS can express."))
}

/// The shortest text that [`parse`] reads back as the same duration.
pub(crate) fn format(duration: Duration) -> String {
    let total = duration.as_secs();
    let parts = [
        (total / 3600, 'h'),
        (total % 3600 / 60, 'm'),
        (total % 60, 's'),
    ];
    let text: String = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect();
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for seconds in [0, 1, 59, 60, 61, 90, 3600, 3661, 86_400, 100_000] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse(&format(duration)), Ok(duration));
        }
    }

    #[test]
    fn refuses_what_is_not_a_duration() {
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "-5m",
            "1.5h",
            "5m1h",
            "5m5m",
            "5d",
            "99999999999999999999s",
            "18446744073709551615h",
            "9999999999s",
            "2147483648s",
            "٣m",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_longest_is_what_aws_can_express() {
        assert_eq!(parse("2147483647s"), Ok(Duration::from_secs(LONGEST)));
        let error = parse("596524h").unwrap_err().to_string();
        assert!(error.contains("longer than AWS can express"), "{error}");
        assert!(parse_precise("2147483648000ms").is_err());
        assert!(parse_age("24856d").is_err());
    }

    #[test]
    fn milliseconds_come_last() {
        assert_eq!(parse_precise("300ms"), Ok(Duration::from_millis(300)));
        assert_eq!(parse_precise("1500ms"), Ok(Duration::from_millis(1500)));
        assert_eq!(
            parse_precise("1m2s500ms"),
            Ok(Duration::from_millis(62_500))
        );
        assert_eq!(parse_precise("2s"), Ok(Duration::from_secs(2)));
        for text in ["ms", "1s1000ms", "300ms1s", "1.5ms", "5", ""] {
            assert!(parse_precise(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ages_may_begin_with_days() {
        let day = Duration::from_secs(86_400);
        assert_eq!(parse_age("30d"), Ok(30 * day));
        assert_eq!(parse_age("1d12h"), Ok(day + day / 2));
        assert_eq!(parse_age("12h"), Ok(day / 2));
        for text in [
            "",
            "d",
            "5",
            "-1d",
            "1h1d",
            "1d1d",
            "+1d",
            "1.5d",
            "99999999999999999999d",
            "999999999999999999d",
        ] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }

    #[test]
    fn minutes_are_whole() {
        assert_eq!(parse_minutes("1h5m"), Ok(65));
        assert_eq!(parse_minutes("120s"), Ok(2));
        assert!(parse_minutes("90s").is_err());
    }
}
