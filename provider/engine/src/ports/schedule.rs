//! `at(…)`, `rate(…)` and `cron(…)`: when a schedule of Application Auto Scaling fires.
//!
//! Cron has six fields: minutes, hours, day of month, month, day of week (1 = Sunday), year. `*`, lists, ranges,
//! steps, names, `L`, `nW`, `LW`, `dL` and `d#n` are understood; of the two fields for days exactly one is `?`. Time zones come from the database in this binary, so
//! that every machine reads a schedule alike.

mod cron;

use std::sync::OnceLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use cron::{Cron, moment_in};

/// A parsed schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleExpression(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Once, at this local time.
    At(DateTime),
    /// Every so often.
    Rate(SignedDuration),
    Cron(Box<Cron>),
}

/// A time zone by its IANA name; UTC without one.
///
/// # Errors
/// A sentence saying that there is none of that name.
pub fn time_zone(name: Option<&str>) -> Result<TimeZone, String> {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let Some(name) = name else {
        return Ok(TimeZone::UTC);
    };
    let zones = ZONES.get_or_init(TimeZoneDatabase::bundled);
    zones
        .get(name)
        .map_err(|_| format!("there is no time zone `{name}`"))
}

impl ScheduleExpression {
    /// Parses a schedule.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text
            .split_once('(')
            .ok_or("it is not one of at(…), rate(…), cron(…)")?;
        let inside = rest
            .strip_suffix(')')
            .ok_or("the closing bracket is missing")?;
        match kind {
            "at" => at(inside).map(Kind::At),
            "rate" => rate(inside).map(Kind::Rate),
            "cron" => Cron::parse(inside).map(|cron| Kind::Cron(Box::new(cron))),
            _ => Err("it is not one of at(…), rate(…), cron(…)".to_owned()),
        }
        .map(Self)
    }

    /// The first firing after a moment. Nothing fires before `created`, and rates count from it.
    pub fn next_after(
        &self,
        after: Timestamp,
        zone: &TimeZone,
        created: Timestamp,
    ) -> Option<Timestamp> {
        // A firing may fall on the creation itself.
        let before_created = created.checked_sub(INSTANT).unwrap_or(Timestamp::MIN);
        let after = after.max(before_created);
        match &self.0 {
            Kind::At(moment) => moment_in(*moment, zone).filter(|at| *at > after),
            Kind::Rate(every) => {
                let passed = after.duration_since(created);
                let periods = match passed.is_negative() {
                    true => 0,
                    false => periods(passed, *every)?.checked_add(1)?,
                };
                created
                    .checked_add(every.checked_mul(i32::try_from(periods).ok()?)?)
                    .ok()
            }
            Kind::Cron(cron) => cron.next_after(after, zone),
        }
    }

    /// The last firing at or before a moment. Nothing fires before `created`, and rates count from it.
    pub fn last_at_or_before(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        created: Timestamp,
    ) -> Option<Timestamp> {
        if now < created {
            return None;
        }
        let last = match &self.0 {
            Kind::At(moment) => moment_in(*moment, zone).filter(|at| *at <= now),
            Kind::Rate(every) => {
                let periods = i32::try_from(periods(now.duration_since(created), *every)?).ok()?;
                created.checked_add(every.checked_mul(periods)?).ok()
            }
            Kind::Cron(cron) => cron.last_at_or_before(now, zone, created),
        };
        last.filter(|at| *at >= created)
    }
}

/// A schedule with everything that decides when it fires.
///
/// A schedule that recurs and has a start fires at that moment, whatever its times are, and then at its times.
#[derive(Debug, Clone, Copy)]
pub struct Firings<'a> {
    /// The schedule.
    pub expression: &'a ScheduleExpression,
    /// Where its times are read.
    pub zone: &'a TimeZone,
    /// When AWS got it; nothing fires before. Rates count from here when there is no start.
    pub created: Timestamp,
    /// Nothing fires before.
    pub start: Option<Timestamp>,
    /// Nothing fires after.
    pub end: Option<Timestamp>,
}

impl Firings<'_> {
    /// The first firing after a moment.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let origin = self.start.unwrap_or(self.created);
        let known = self.created.max(origin);
        let after = after.max(known.checked_sub(INSTANT).unwrap_or(Timestamp::MIN));
        let next = self.expression.next_after(after, self.zone, origin);
        let first = self.start_that_fires().filter(|start| *start > after);
        let soonest = next.into_iter().chain(first).min()?;
        self.end.is_none_or(|end| soonest <= end).then_some(soonest)
    }

    /// The last firing at or before a moment.
    pub fn last_at_or_before(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.end.map_or(now, |end| now.min(end));
        let origin = self.start.unwrap_or(self.created);
        let last = self.expression.last_at_or_before(until, self.zone, origin);
        let first = self.start_that_fires().filter(|start| *start <= until);
        let latest = last.into_iter().chain(first).max();
        latest.filter(|at| *at >= self.created)
    }

    fn start_that_fires(&self) -> Option<Timestamp> {
        match &self.expression.0 {
            Kind::At(_) => None,
            Kind::Rate(_) | Kind::Cron(_) => self.start,
        }
    }
}

const INSTANT: SignedDuration = SignedDuration::from_nanos(1);

/// How often `every` has passed in full.
fn periods(passed: SignedDuration, every: SignedDuration) -> Option<i64> {
    passed.as_secs().checked_div(every.as_secs())
}

fn at(inside: &str) -> Result<DateTime, String> {
    let wrong = || "at(…) needs yyyy-mm-ddThh:mm:ss".to_owned();
    let (date, time) = inside.trim().split_once('T').ok_or_else(wrong)?;
    let date: Date = date.parse().map_err(|_| wrong())?;
    let time = time.parse::<jiff::civil::Time>().map_err(|_| wrong())?;
    Ok(date.to_datetime(time))
}

fn rate(inside: &str) -> Result<SignedDuration, String> {
    let (count, unit) = inside
        .trim()
        .split_once(' ')
        .ok_or("rate(…) needs a number and a unit")?;
    let count: i64 = count
        .parse()
        .ok()
        .filter(|count| (1..=999_999).contains(count))
        .ok_or("the number of rate(…) must be 1 to 999999")?;
    let (unit, is_one) = match unit.trim() {
        "minute" => (60, true),
        "minutes" => (60, false),
        "hour" => (3_600, true),
        "hours" => (3_600, false),
        "day" => (86_400, true),
        "days" => (86_400, false),
        other => return Err(format!("`{other}` is not a unit of rate(…)")),
    };
    if is_one != (count == 1) {
        return Err("rate(…) has `minute`, `hour` or `day` with 1, and `minutes`, `hours` or `days` with more".to_owned());
    }
    Ok(SignedDuration::from_secs(count.saturating_mul(unit)))
}

#[cfg(test)]
mod tests;
