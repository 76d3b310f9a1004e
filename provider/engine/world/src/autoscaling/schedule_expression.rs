//! `at(…)`, `rate(…)` and `cron(…)`: when a schedule runs.
//!
//! Cron has six fields: minutes, hours, day of month, month, day of week (1 = Sunday), year. `*`, `?`, lists, ranges,
//! steps, names, `L` and `n#k` are understood; `W` is refused with a sentence that says so.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

/// A parsed schedule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Schedule {
    /// Once, at this local time.
    At(DateTime),
    /// Every so many milliseconds.
    Rate(i64),
    Cron(Box<Cron>),
}

/// The six fields, as the values they allow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cron {
    minutes: Vec<i16>,
    hours: Vec<i16>,
    days: Vec<DayOfMonth>,
    months: Vec<i16>,
    weekdays: Vec<DayOfWeek>,
    years: Vec<i16>,
}

#[derive(Debug, Clone, PartialEq)]
enum DayOfMonth {
    Any,
    Day(i16),
    Last,
}

#[derive(Debug, Clone, PartialEq)]
enum DayOfWeek {
    Any,
    /// 1 = Sunday.
    Day(i16),
    /// The n-th such weekday of the month.
    Nth(i16, i16),
    /// The last such weekday of the month.
    Last(i16),
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// How far ahead a cron run is looked for: a leap day that falls on one weekday comes within 40 years.
const HORIZON_DAYS: i32 = 40 * 366;

impl Schedule {
    /// Parses a schedule.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text
            .split_once('(')
            .ok_or("it is none of at(…), rate(…), cron(…)")?;
        let inside = rest
            .strip_suffix(')')
            .ok_or("the closing bracket is missing")?;
        match kind {
            "at" => inside
                .parse()
                .map(Self::At)
                .map_err(|_| "at(…) needs yyyy-mm-ddThh:mm:ss".to_owned()),
            "rate" => rate(inside).map(Self::Rate),
            "cron" => Cron::parse(inside).map(|cron| Self::Cron(Box::new(cron))),
            _ => Err("it is none of at(…), rate(…), cron(…)".to_owned()),
        }
    }

    /// The first run after a moment; rates count from `origin`. All in epoch milliseconds.
    pub(super) fn next_after(&self, after: i64, origin: i64, zone: &str) -> Option<i64> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        match self {
            Self::At(moment) => Some(millis(*moment, &zone)?).filter(|at| *at > after),
            Self::Rate(every) => {
                if after < origin {
                    return Some(origin);
                }
                Some(origin + ((after - origin).div_euclid(*every) + 1) * every)
            }
            Self::Cron(cron) => cron.next_after(after, &zone),
        }
    }
}

fn millis(moment: DateTime, zone: &TimeZone) -> Option<i64> {
    zone.to_zoned(moment)
        .ok()
        .map(|zoned| zoned.timestamp().as_millisecond())
}

fn rate(inside: &str) -> Result<i64, String> {
    let (count, unit) = inside
        .trim()
        .split_once(' ')
        .ok_or("rate(…) needs a number and a unit")?;
    let count: i64 = count
        .parse()
        .ok()
        .filter(|count| (1..=999_999).contains(count))
        .ok_or("the number of rate(…) is 1 to 999999")?;
    let unit = match unit.trim() {
        "minute" | "minutes" => 60_000,
        "hour" | "hours" => 3_600_000,
        "day" | "days" => 86_400_000,
        other => return Err(format!("{other} is no unit of rate(…)")),
    };
    Ok(count.saturating_mul(unit))
}

impl Cron {
    fn parse(inside: &str) -> Result<Self, String> {
        let fields: Vec<&str> = inside.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return Err(format!(
                "cron(…) has six fields, and here are {}",
                fields.len()
            ));
        };
        Ok(Self {
            minutes: values(minutes, 0, 59, &[])?,
            hours: values(hours, 0, 23, &[])?,
            days: days_of_month(days)?,
            months: values(months, 1, 12, &MONTHS)?,
            weekdays: days_of_week(weekdays)?,
            years: values(years, 1970, 2199, &[])?,
        })
    }

    fn next_after(&self, after: i64, zone: &TimeZone) -> Option<i64> {
        let start = jiff::Timestamp::from_millisecond(after)
            .ok()?
            .to_zoned(zone.clone())
            .date();
        let mut date = start;
        for _ in 0..HORIZON_DAYS {
            if self.includes(date) {
                let times = self
                    .hours
                    .iter()
                    .flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
                let runs = times.filter_map(|(hour, minute)| {
                    let time = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
                    millis(time, zone)
                });
                if let Some(run) = runs.filter(|run| *run > after).min() {
                    return Some(run);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn includes(&self, date: Date) -> bool {
        let day_fits = self.days.iter().any(|day| match day {
            DayOfMonth::Any => true,
            DayOfMonth::Day(day) => *day == i16::from(date.day()),
            DayOfMonth::Last => date.day() == date.days_in_month(),
        });
        let weekday = sunday_first(date.weekday());
        let week = (i16::from(date.day()) - 1) / 7 + 1;
        let weekday_fits = self.weekdays.iter().any(|day| match day {
            DayOfWeek::Any => true,
            DayOfWeek::Day(day) => *day == weekday,
            DayOfWeek::Nth(day, nth) => *day == weekday && *nth == week,
            DayOfWeek::Last(day) => *day == weekday && date.day() + 7 > date.days_in_month(),
        });
        day_fits
            && weekday_fits
            && self.months.contains(&i16::from(date.month()))
            && self.years.contains(&date.year())
    }
}

fn sunday_first(weekday: Weekday) -> i16 {
    i16::from(weekday.to_sunday_one_offset())
}

fn days_of_month(field: &str) -> Result<Vec<DayOfMonth>, String> {
    if field == "?" || field == "*" {
        return Ok(vec![DayOfMonth::Any]);
    }
    let mut days = Vec::new();
    for part in field.split(',') {
        if part == "L" {
            days.push(DayOfMonth::Last);
        } else if part.contains('W') {
            return Err(format!(
                "{part}: the weekday nearest to a date (W) is not part of this model"
            ));
        } else {
            days.extend(values(part, 1, 31, &[])?.into_iter().map(DayOfMonth::Day));
        }
    }
    Ok(days)
}

fn days_of_week(field: &str) -> Result<Vec<DayOfWeek>, String> {
    if field == "?" || field == "*" {
        return Ok(vec![DayOfWeek::Any]);
    }
    let mut days = Vec::new();
    for part in field.split(',') {
        if let Some((day, nth)) = part.split_once('#') {
            days.push(DayOfWeek::Nth(
                number(day, 1, 7, &WEEKDAYS)?,
                number(nth, 1, 5, &[])?,
            ));
        } else if part == "L" {
            days.push(DayOfWeek::Day(7));
        } else if let Some(day) = part.strip_suffix('L') {
            days.push(DayOfWeek::Last(number(day, 1, 7, &WEEKDAYS)?));
        } else {
            days.extend(
                values(part, 1, 7, &WEEKDAYS)?
                    .into_iter()
                    .map(DayOfWeek::Day),
            );
        }
    }
    Ok(days)
}

/// The values of a field: `*`, `a`, `a-b`, `*/n`, `a/n`, and lists of these.
fn values(field: &str, low: i16, high: i16, names: &[&str]) -> Result<Vec<i16>, String> {
    let mut all = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(number(step, 1, high.max(1), &[])?)),
            None => (part, None),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (
                number(from, low, high, names)?,
                number(to, low, high, names)?,
            ),
            None => {
                let from = number(range, low, high, names)?;
                (from, if step.is_some() { high } else { from })
            }
        };
        let wide = if from <= to {
            (from..=to).collect::<Vec<_>>()
        } else {
            (from..=high).chain(low..=to).collect()
        };
        all.extend(
            wide.into_iter()
                .step_by(usize::try_from(step.unwrap_or(1)).unwrap_or(1)),
        );
    }
    Ok(all)
}

fn number(text: &str, low: i16, high: i16, names: &[&str]) -> Result<i16, String> {
    let named = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text))
        .and_then(|at| i16::try_from(at + 1).ok());
    named
        .or_else(|| text.parse().ok())
        .filter(|value| (low..=high).contains(value))
        .ok_or_else(|| format!("{text} is not between {low} and {high}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn next(expression: &str, after: &str, zone: &str) -> Option<String> {
        let run = Schedule::parse(expression).unwrap().next_after(
            at(after),
            at("2026-01-01T00:00:00Z"),
            zone,
        )?;
        Some(jiff::Timestamp::from_millisecond(run).unwrap().to_string())
    }

    #[test]
    fn cron_runs_in_its_time_zone_across_daylight_saving() {
        let daily = "cron(0 9 * * ? *)";
        assert_eq!(
            next(daily, "2026-03-28T09:00:00Z", "Europe/Berlin").unwrap(),
            "2026-03-29T07:00:00Z"
        );
        assert_eq!(
            next(daily, "2026-01-10T08:00:00Z", "Europe/Berlin").unwrap(),
            "2026-01-11T08:00:00Z"
        );
        assert_eq!(
            next(daily, "2026-01-10T08:00:00Z", "UTC").unwrap(),
            "2026-01-10T09:00:00Z"
        );
    }

    #[test]
    fn cron_fields_narrow_the_days() {
        assert_eq!(
            next("cron(30 18 ? * MON-FRI *)", "2026-01-02T19:00:00Z", "UTC").unwrap(),
            "2026-01-05T18:30:00Z"
        );
        assert_eq!(
            next("cron(0/15 8-9 ? * 2#1 *)", "2026-01-05T09:45:00Z", "UTC").unwrap(),
            "2026-02-02T08:00:00Z"
        );
        assert_eq!(
            next("cron(0 0 L FEB ? *)", "2026-01-01T00:00:00Z", "UTC").unwrap(),
            "2026-02-28T00:00:00Z"
        );
        assert_eq!(
            next("cron(0 0 1 1 ? 2025)", "2026-01-01T00:00:00Z", "UTC"),
            None
        );
    }

    #[test]
    fn rate_counts_from_its_origin_and_at_runs_once() {
        assert_eq!(
            next("rate(5 minutes)", "2026-01-01T00:07:00Z", "UTC").unwrap(),
            "2026-01-01T00:10:00Z"
        );
        assert_eq!(
            next(
                "at(2026-06-01T12:00:00)",
                "2026-01-01T00:00:00Z",
                "Asia/Tokyo"
            )
            .unwrap(),
            "2026-06-01T03:00:00Z"
        );
        assert_eq!(
            next("at(2025-06-01T12:00:00)", "2026-01-01T00:00:00Z", "UTC"),
            None
        );
    }

    #[test]
    fn mistakes_are_named() {
        for wrong in [
            "every day",
            "rate(0 minutes)",
            "rate(1 week)",
            "cron(0 9 * *)",
            "cron(61 9 * * ? *)",
            "cron(0 9 15W * ? *)",
        ] {
            assert!(Schedule::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_schedule_that_parses_runs_later_or_never(text in "rate\\([0-9]{1,7} (minute|hours|days)\\)|cron\\(([0-9*/,?L#-]{1,4} ){5}[*0-9]{1,4}\\)") {
            let after = at("2026-01-01T00:00:00Z");
            if let Ok(schedule) = Schedule::parse(&text) {
                let next = schedule.next_after(after, after, "UTC");
                proptest::prop_assert!(next.is_none_or(|next| next > after));
            }
        }
    }
}
