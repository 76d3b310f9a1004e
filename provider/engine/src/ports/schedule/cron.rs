//! The six fields of a cron schedule.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

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
    /// The weekday (Monday to Friday) nearest to that day, in the same month.
    Nearest(i16),
    /// The last weekday (Monday to Friday) of the month.
    LastWeekday,
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
/// How far a firing is looked for: a leap day that falls on one weekday comes within 40 years.
const HORIZON_DAYS: i32 = 40 * 366;

impl Cron {
    pub(super) fn parse(inside: &str) -> Result<Self, String> {
        let fields: Vec<&str> = inside.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, years] = fields.as_slice() else {
            return Err(format!(
                "cron(…) needs six fields, and this has {}",
                fields.len()
            ));
        };
        // Said before what is wrong inside a field, so that a cron of another system is recognised first.
        match (*days == "?", *weekdays == "?") {
            (true, false) | (false, true) => {}
            (false, false) => {
                return Err(
                    "day of month and day of week cannot both be set: use `?` for one of them"
                        .to_owned(),
                );
            }
            (true, true) => {
                return Err(
                    "day of month and day of week cannot both be `?`: use `*` for one of them"
                        .to_owned(),
                );
            }
        }
        Ok(Self {
            minutes: values(minutes, 0, 59, &[])?,
            hours: values(hours, 0, 23, &[])?,
            days: days_of_month(days)?,
            months: values(months, 1, 12, &MONTHS)?,
            weekdays: days_of_week(weekdays)?,
            years: values(years, 1970, 2199, &[])?,
        })
    }

    pub(super) fn next_after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut date = after.to_zoned(zone.clone()).date();
        // Years that are not allowed need not be walked through.
        let year = *self
            .years
            .iter()
            .filter(|year| **year >= date.year())
            .min()?;
        if year > date.year() {
            date = Date::new(year, 1, 1).ok()?;
        }
        for _ in 0..HORIZON_DAYS {
            if let Some(run) = self.runs(date, zone).filter(|run| *run > after).min() {
                return Some(run);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    pub(super) fn last_at_or_before(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        earliest: Timestamp,
    ) -> Option<Timestamp> {
        let first = earliest.to_zoned(zone.clone()).date();
        let mut date = now.to_zoned(zone.clone()).date();
        for _ in 0..HORIZON_DAYS {
            if let Some(run) = self.runs(date, zone).filter(|run| *run <= now).max() {
                return Some(run);
            }
            if date < first {
                return None;
            }
            date = date.yesterday().ok()?;
        }
        None
    }

    /// The firings of a day.
    fn runs<'a>(&'a self, date: Date, zone: &'a TimeZone) -> impl Iterator<Item = Timestamp> + 'a {
        let hours: &[i16] = if self.includes(date) {
            &self.hours
        } else {
            &[]
        };
        let times = hours
            .iter()
            .flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
        times.filter_map(move |(hour, minute)| {
            let time = date.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0);
            moment_in(time, zone)
        })
    }

    fn includes(&self, date: Date) -> bool {
        let day_fits = self.days.iter().any(|day| match day {
            DayOfMonth::Any => true,
            DayOfMonth::Day(day) => *day == i16::from(date.day()),
            DayOfMonth::Last => date.day() == date.days_in_month(),
            DayOfMonth::Nearest(day) => nearest_weekday(date, *day) == Some(date),
            DayOfMonth::LastWeekday => {
                nearest_weekday(date, i16::from(date.days_in_month())) == Some(date)
            }
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

/// The Monday to Friday nearest to a day of the month of `month`, never in another month.
fn nearest_weekday(month: Date, day: i16) -> Option<Date> {
    let day = i8::try_from(day).ok()?;
    let date = Date::new(month.year(), month.month(), day).ok()?;
    match date.weekday() {
        Weekday::Saturday if day == 1 => date.tomorrow().ok()?.tomorrow().ok(),
        Weekday::Saturday => date.yesterday().ok(),
        Weekday::Sunday if day == date.days_in_month() => date.yesterday().ok()?.yesterday().ok(),
        Weekday::Sunday => date.tomorrow().ok(),
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => Some(date),
    }
}

fn days_of_month(field: &str) -> Result<Vec<DayOfMonth>, String> {
    if field == "?" || field == "*" {
        return Ok(vec![DayOfMonth::Any]);
    }
    let mut days = Vec::new();
    for part in field.split(',') {
        if part == "L" {
            days.push(DayOfMonth::Last);
        } else if part == "LW" {
            days.push(DayOfMonth::LastWeekday);
        } else if let Some(day) = part.strip_suffix('W') {
            days.push(DayOfMonth::Nearest(number(day, 1, 31, &[])?));
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
        .ok_or_else(|| format!("`{text}` is not between {low} and {high}"))
}

/// A local time as a moment. One that a clock change skips counts as so much later, one that comes twice as the first.
pub(super) fn moment_in(moment: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_zoned(moment).ok().map(|zoned| zoned.timestamp())
}
