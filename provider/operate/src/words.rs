//! Names, times and numbers as they stand in the text.

use jiff::{SignedDuration, Timestamp};

/// `family:revision` of a task definition ARN, or the last part of any ARN.
pub(crate) fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The name of a target group.
pub(crate) fn group_name(arn: &str) -> &str {
    match arn.starts_with("arn:") {
        true => arn.split('/').nth(1).unwrap_or(arn),
        false => arn,
    }
}

/// A whole number of seconds in the two largest units: `1h29m`, `3m12s`, `45s`.
pub(crate) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
    let (minutes, rest) = (seconds % 3600 / 60, seconds % 60);
    match (days, hours, minutes, rest) {
        (0, 0, 0, rest) => format!("{rest}s"),
        (0, 0, minutes, 0) => format!("{minutes}m"),
        (0, 0, minutes, rest) => format!("{minutes}m{rest:02}s"),
        (0, hours, 0, _) => format!("{hours}h"),
        (0, hours, minutes, _) => format!("{hours}h{minutes:02}m"),
        (days, 0, _, _) => format!("{days}d"),
        (days, hours, _, _) => format!("{days}d{hours:02}h"),
    }
}

/// How long from one time to another.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> String {
    span(to.duration_since(from).as_secs())
}

/// To the second: fractions say nothing to people.
pub(crate) fn to_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Percent without a needless fraction.
pub(crate) fn percent(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    format!("{tenths} %")
}

/// A duration such as `90s`, `10m`, `2h`, `30d`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("`{text}` is not a duration such as 30m, 2h or 14d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: i64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => Some(number),
        'm' => number.checked_mul(60),
        'h' => number.checked_mul(3600),
        'd' => number.checked_mul(86_400),
        _ => None,
    };
    let seconds = seconds.filter(|seconds| (1..=366 * 86_400).contains(seconds));
    seconds.map(SignedDuration::from_secs).ok_or_else(wrong)
}

/// `1 service`, `2 services`.
pub(crate) fn count(number: usize, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        number => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_at_most_two_units() {
        for (seconds, text) in [
            (0, "0s"),
            (45, "45s"),
            (120, "2m"),
            (192, "3m12s"),
            (3600, "1h"),
            (5340, "1h29m"),
            (86_400, "1d"),
            (100_000, "1d03h"),
            (-5, "0s"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn durations_are_read_in_one_unit() {
        assert_eq!(parse_span("90s").unwrap().as_secs(), 90);
        assert_eq!(parse_span("2h").unwrap().as_secs(), 7200);
        assert_eq!(parse_span("30d").unwrap().as_secs(), 30 * 86_400);
        for wrong in ["", "h", "2", "-1h", "0m", "1w", "1h30m", "9999d", "2ü"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_the_last_part() {
        assert_eq!(
            short("arn:aws:ecs:eu-west-1:1:task-definition/web:7"),
            "web:7"
        );
        assert_eq!(
            group_name("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/0"),
            "web-blue"
        );
        assert_eq!(group_name("web-blue"), "web-blue");
        assert_eq!(percent(33.333), "33.3 %");
        assert_eq!(percent(100.0), "100 %");
        assert_eq!(count(1, "service"), "1 service");
        assert_eq!(count(0, "service"), "0 services");
    }
}
