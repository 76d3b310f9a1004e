//! Schedules as AWS reads them.

use super::*;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    time_zone(Some(name)).unwrap()
}

const ORIGIN: &str = "2026-01-01T00:00:00Z";

fn next(expression: &str, after: &str, zone_name: &str) -> Option<String> {
    let schedule = ScheduleExpression::parse(expression).unwrap();
    let run = schedule.next_after(moment(after), &zone(zone_name), moment(ORIGIN));
    run.map(|run| run.to_string())
}

fn last(expression: &str, now: &str, zone_name: &str) -> Option<String> {
    let schedule = ScheduleExpression::parse(expression).unwrap();
    let run = schedule.last_at_or_before(moment(now), &zone(zone_name), moment(ORIGIN));
    run.map(|run| run.to_string())
}

#[test]
fn the_next_firing() {
    for (expression, after, zone, expected) in [
        // Nine in Berlin is earlier in UTC once the clocks are put forward.
        (
            "cron(0 9 * * ? *)",
            "2026-03-28T09:00:00Z",
            "Europe/Berlin",
            Some("2026-03-29T07:00:00Z"),
        ),
        (
            "cron(0 9 * * ? *)",
            "2026-01-10T08:00:00Z",
            "Europe/Berlin",
            Some("2026-01-11T08:00:00Z"),
        ),
        (
            "cron(0 9 * * ? *)",
            "2026-01-10T08:00:00Z",
            "UTC",
            Some("2026-01-10T09:00:00Z"),
        ),
        (
            "cron(30 18 ? * MON-FRI *)",
            "2026-01-02T19:00:00Z",
            "UTC",
            Some("2026-01-05T18:30:00Z"),
        ),
        (
            "cron(0/15 8-9 ? * 2#1 *)",
            "2026-01-05T09:45:00Z",
            "UTC",
            Some("2026-02-02T08:00:00Z"),
        ),
        (
            "cron(0 0 L FEB ? *)",
            "2026-01-01T00:00:00Z",
            "UTC",
            Some("2026-02-28T00:00:00Z"),
        ),
        // 15 August 2026 is a Saturday, 15 November a Sunday.
        (
            "cron(0 9 15W 8 ? *)",
            "2026-08-01T00:00:00Z",
            "UTC",
            Some("2026-08-14T09:00:00Z"),
        ),
        (
            "cron(0 9 15W 11 ? *)",
            "2026-11-01T00:00:00Z",
            "UTC",
            Some("2026-11-16T09:00:00Z"),
        ),
        // The nearest weekday never leaves the month.
        (
            "cron(0 9 1W 8 ? *)",
            "2026-07-30T00:00:00Z",
            "UTC",
            Some("2026-08-03T09:00:00Z"),
        ),
        (
            "cron(0 9 31W 5 ? *)",
            "2026-05-01T00:00:00Z",
            "UTC",
            Some("2026-05-29T09:00:00Z"),
        ),
        (
            "cron(0 9 LW 1 ? *)",
            "2026-01-01T00:00:00Z",
            "UTC",
            Some("2026-01-30T09:00:00Z"),
        ),
        (
            "cron(0 0 ? * 6L *)",
            "2026-01-01T00:00:00Z",
            "UTC",
            Some("2026-01-30T00:00:00Z"),
        ),
        ("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00Z", "UTC", None),
        ("cron(0 0 31 2 ? *)", "2026-01-01T00:00:00Z", "UTC", None),
        // Farther away than a leap day can be.
        (
            "cron(0 0 1 1 ? 2150)",
            "2026-01-01T00:00:00Z",
            "UTC",
            Some("2150-01-01T00:00:00Z"),
        ),
        (
            "rate(5 minutes)",
            "2026-01-01T00:07:00Z",
            "UTC",
            Some("2026-01-01T00:10:00Z"),
        ),
        (
            "rate(5 minutes)",
            "2026-01-01T00:10:00Z",
            "UTC",
            Some("2026-01-01T00:15:00Z"),
        ),
        (
            "rate(5 minutes)",
            "2025-12-31T00:00:00Z",
            "UTC",
            Some(ORIGIN),
        ),
        (
            "at(2026-06-01T12:00:00)",
            "2026-01-01T00:00:00Z",
            "Asia/Tokyo",
            Some("2026-06-01T03:00:00Z"),
        ),
        (
            "at(2025-06-01T12:00:00)",
            "2026-01-01T00:00:00Z",
            "UTC",
            None,
        ),
    ] {
        let found = next(expression, after, zone);
        assert_eq!(found.as_deref(), expected, "{expression} after {after}");
    }
}

#[test]
fn the_last_firing() {
    for (expression, now, zone, expected) in [
        (
            "cron(0 20 * * ? *)",
            "2026-03-29T17:59:59Z",
            "Europe/Berlin",
            Some("2026-03-28T19:00:00Z"),
        ),
        // The moment itself counts.
        (
            "cron(0 20 * * ? *)",
            "2026-03-29T18:00:00Z",
            "Europe/Berlin",
            Some("2026-03-29T18:00:00Z"),
        ),
        (
            "cron(30 18 ? * MON-FRI *)",
            "2026-01-11T12:00:00Z",
            "UTC",
            Some("2026-01-09T18:30:00Z"),
        ),
        // Nothing fires before the schedule was made.
        ("cron(0 20 * * ? *)", "2026-01-01T19:00:00Z", "UTC", None),
        ("cron(0 0 1 1 ? 2025)", "2026-02-01T00:00:00Z", "UTC", None),
        (
            "rate(2 hours)",
            "2026-01-01T05:00:00Z",
            "UTC",
            Some("2026-01-01T04:00:00Z"),
        ),
        ("rate(2 hours)", "2025-12-31T00:00:00Z", "UTC", None),
        (
            "at(2026-06-01T12:00:00)",
            "2026-07-01T00:00:00Z",
            "UTC",
            Some("2026-06-01T12:00:00Z"),
        ),
        (
            "at(2026-06-01T12:00:00)",
            "2026-05-01T00:00:00Z",
            "UTC",
            None,
        ),
    ] {
        let found = last(expression, now, zone);
        assert_eq!(found.as_deref(), expected, "{expression} at {now}");
    }
}

#[test]
fn an_hour_that_the_clocks_skip_counts_as_later_and_one_that_comes_twice_fires_once() {
    let skipped = next(
        "cron(30 2 29 3 ? *)",
        "2026-03-28T12:00:00Z",
        "Europe/Berlin",
    );
    assert_eq!(skipped.as_deref(), Some("2026-03-29T01:30:00Z"));
    let first = next(
        "cron(30 2 25 10 ? *)",
        "2026-10-24T12:00:00Z",
        "Europe/Berlin",
    );
    assert_eq!(first.as_deref(), Some("2026-10-25T00:30:00Z"));
    let second = next(
        "cron(30 2 25 10 ? 2026)",
        "2026-10-25T00:30:00Z",
        "Europe/Berlin",
    );
    assert_eq!(second, None);
}

#[test]
fn mistakes_are_named() {
    for wrong in [
        "every day",
        "at(tomorrow)",
        "at(2026-01-01)",
        "rate(0 minutes)",
        "rate(1 week)",
        "rate(5)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(1 days)",
        "rate(2 hour)",
        "cron(0 9 * *)",
        "cron(61 9 * * ? *)",
        "cron(0 9 32W * ? *)",
        "cron(0 9 ? * MON#6 *)",
        "cron(0 20 * * * *)",
        "cron(0 20 1 * MON *)",
        "cron(0 20 ? * ? *)",
        "cron(0 9 * * ? *",
    ] {
        assert!(ScheduleExpression::parse(wrong).is_err(), "{wrong}");
    }
    assert!(time_zone(Some("Mars/Olympus")).is_err());
    assert_eq!(time_zone(None).unwrap(), TimeZone::UTC);
}

#[test]
fn a_missing_question_mark_is_asked_for() {
    for (expression, expected) in [
        (
            "cron(0 20 * * * *)",
            "day of month and day of week cannot both be set: use `?` for one of them",
        ),
        (
            "cron(0 20 ? * ? *)",
            "day of month and day of week cannot both be `?`: use `*` for one of them",
        ),
    ] {
        assert_eq!(
            ScheduleExpression::parse(expression),
            Err(expected.to_owned())
        );
    }
}

proptest::proptest! {
    #[test]
    fn next_and_last_agree(
        text in "rate\\([0-9]{1,4} (minutes|hours|days|day)\\)|cron\\(([0-9*/,?L#W-]{1,4} ){5}[*0-9]{1,4}\\)",
        minutes in 0_i64..2_000_000,
    ) {
        let created = moment(ORIGIN);
        let now = created + SignedDuration::from_mins(minutes);
        if let Ok(schedule) = ScheduleExpression::parse(&text) {
            let next = schedule.next_after(now, &TimeZone::UTC, created);
            proptest::prop_assert!(next.is_none_or(|next| next > now));
            let last = schedule.last_at_or_before(now, &TimeZone::UTC, created);
            proptest::prop_assert!(last.is_none_or(|last| created <= last && last <= now));
            if let Some(next) = next {
                proptest::prop_assert_eq!(
                    schedule.last_at_or_before(next, &TimeZone::UTC, created),
                    Some(next)
                );
            }
            if let Some(last) = last {
                let before = last - INSTANT;
                proptest::prop_assert_eq!(
                    schedule.next_after(before, &TimeZone::UTC, created),
                    Some(last)
                );
            }
        }
    }
}
