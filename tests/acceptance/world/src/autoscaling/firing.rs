//! When a schedule fires, read independently of the product: cron by a library, the rest here.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A schedule of Application Auto Scaling.
#[derive(Debug, Clone)]
pub(super) enum Schedule {
    /// `at(…)`: once, at this local time.
    At(DateTime),
    /// `rate(…)`: every so many milliseconds.
    Rate(i64),
    /// `cron(…)`: at these local times.
    Cron(Box<Cron>),
}

/// A schedule with everything that decides when it fires, in epoch milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Times<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) zone: &'a TimeZone,
    /// `StartTime`, or when AWS got the schedule.
    pub(super) origin: i64,
    /// Whether `origin` is a `StartTime`: a schedule that recurs fires then, too.
    pub(super) starts: bool,
    pub(super) created: i64,
    pub(super) end: Option<i64>,
}

/// A time zone by its IANA name; UTC without one.
pub(super) fn zone(name: Option<&str>) -> Option<TimeZone> {
    match name {
        None => Some(TimeZone::UTC),
        Some(name) => TimeZoneDatabase::bundled().get(name).ok(),
    }
}

impl Schedule {
    /// Reads a schedule as `PutScheduledAction` takes it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, inside) = text.strip_suffix(')')?.split_once('(')?;
        match kind {
            "at" if inside.contains('T') => inside.trim().parse().ok().map(Self::At),
            "rate" => rate(inside).map(Self::Rate),
            "cron" => cron(inside).map(|cron| Self::Cron(Box::new(cron))),
            _ => None,
        }
    }
}

impl Times<'_> {
    /// The first time after a moment.
    pub(super) fn first_after(&self, after: i64) -> Option<i64> {
        let earliest = self.origin.max(self.created).max(after.checked_add(1)?);
        let next = match self.schedule {
            Schedule::At(moment) => self.moment(*moment).filter(|at| *at >= earliest),
            Schedule::Rate(every) => {
                let passed = earliest.checked_sub(self.origin)?;
                let periods = passed.checked_add(every - 1)?.div_euclid(*every);
                periods.checked_mul(*every)?.checked_add(self.origin)
            }
            Schedule::Cron(cron) => self.next_of(cron, earliest),
        };
        let recurs = !matches!(self.schedule, Schedule::At(_));
        let start = (recurs && self.starts && self.origin >= earliest).then_some(self.origin);
        let first = next.into_iter().chain(start).min()?;
        self.end.is_none_or(|end| first <= end).then_some(first)
    }

    fn next_of(&self, cron: &Cron, earliest: i64) -> Option<i64> {
        let earliest = jiff::Timestamp::from_millisecond(earliest).ok()?;
        // A day back: a local time that comes twice, or not at all, is then not passed over.
        let mut local = self.zone.to_datetime(earliest).yesterday().ok()?;
        loop {
            local = cron.find_next_occurrence(&local, false).ok()?;
            let moment = self.moment(local)?;
            if moment >= earliest.as_millisecond() {
                return Some(moment);
            }
        }
    }

    fn moment(&self, local: DateTime) -> Option<i64> {
        let zoned = self.zone.to_zoned(local).ok()?;
        Some(zoned.timestamp().as_millisecond())
    }
}

/// AWS's cron has minutes first and years last, counts Sunday as 1, and leaves one of the two fields for days open.
fn cron(inside: &str) -> Option<Cron> {
    let fields: Vec<&str> = inside.split_whitespace().collect();
    let &[_, _, day, _, weekday, _] = fields.as_slice() else {
        return None;
    };
    if (day == "?") == (weekday == "?") {
        return None;
    }
    CronParser::builder()
        .seconds(Seconds::Required)
        .year(Year::Required)
        .dom_and_dow(true)
        .alternative_weekdays(true)
        .sloppy_ranges(true)
        .build()
        .parse(&format!("0 {}", fields.join(" ")))
        .ok()
}

fn rate(inside: &str) -> Option<i64> {
    let (count, unit) = inside.trim().split_once(' ')?;
    let count: i64 = count.parse().ok()?;
    let minutes = match (count, unit.trim()) {
        (1, "minute") | (2.., "minutes") => 1,
        (1, "hour") | (2.., "hours") => 60,
        (1, "day") | (2.., "days") => 1440,
        _ => return None,
    };
    count.checked_mul(minutes * 60_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;
    use switchyard_engine::ports::{Firings, ScheduleExpression, time_zone};

    use super::*;

    /// One field of a cron expression with values between two numbers.
    fn field(lowest: u32, highest: u32) -> impl Strategy<Value = String> {
        let number = lowest..=highest;
        let step = (number.clone(), 1..=highest).prop_map(|(from, step)| format!("{from}/{step}"));
        let range = (number.clone(), number.clone())
            .prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b)));
        prop_oneof![
            Just("*".to_owned()),
            number.clone().prop_map(|number| number.to_string()),
            step,
            range,
            prop::collection::vec(number.prop_map(|number| number.to_string()), 2..4)
                .prop_map(|numbers| numbers.join(",")),
        ]
    }

    /// The two fields for days: one of them is `?`.
    fn days() -> impl Strategy<Value = (String, String)> {
        let of_month = prop_oneof![
            field(1, 31),
            select(vec!["L", "LW", "1W", "15W", "30W"]).prop_map(str::to_owned),
        ];
        let of_week = prop_oneof![
            field(1, 7),
            select(vec![
                "MON-FRI", "SUN", "SAT", "6L", "1L", "2#1", "7#5", "MON,WED"
            ])
            .prop_map(str::to_owned),
        ];
        prop_oneof![
            of_month.prop_map(|day| (day, "?".to_owned())),
            of_week.prop_map(|day| ("?".to_owned(), day)),
        ]
    }

    fn expression() -> impl Strategy<Value = String> {
        let months = prop_oneof![
            field(1, 12),
            Just("JAN".to_owned()),
            Just("MAR-OCT".to_owned())
        ];
        let years = select(vec!["*", "2027", "2026-2028", "2027,2029"]);
        let cron = (field(0, 59), field(0, 23), days(), months, years).prop_map(
            |(minute, hour, (day, weekday), month, year)| {
                format!("cron({minute} {hour} {day} {month} {weekday} {year})")
            },
        );
        let rate = (2..500_i64, select(vec!["minutes", "hours", "days"]))
            .prop_map(|(count, unit)| format!("rate({count} {unit})"));
        prop_oneof![6 => cron, 1 => rate, 1 => Just("at(2027-03-28T02:30:00)".to_owned())]
    }

    const ORIGIN: i64 = 1_767_225_600_000;
    const DAY: i64 = 86_400_000;

    proptest! {
        /// Two readings that share no code agree, also where clocks are put forward and back.
        #[test]
        fn the_product_and_the_world_read_schedules_alike(
            text in expression(),
            zone_name in select(vec![None, Some("Europe/Berlin"), Some("America/New_York"), Some("Australia/Lord_Howe")]),
            created in 0..DAY,
            start in proptest::option::of(0..60 * DAY),
            after in -DAY..900 * DAY,
        ) {
            let (created, after) = (ORIGIN + created, ORIGIN + after);
            let start = start.map(|start| ORIGIN + start);
            let schedule = Schedule::parse(&text).expect("the world reads it");
            let times = Times {
                schedule: &schedule,
                zone: &zone(zone_name).expect("a zone"),
                origin: start.unwrap_or(created),
                starts: start.is_some(),
                created,
                end: None,
            };
            let moment = |millis| jiff::Timestamp::from_millisecond(millis).expect("a moment");
            let expression = ScheduleExpression::parse(&text).expect("the product reads it");
            let firings = Firings {
                expression: &expression,
                zone: &time_zone(zone_name).expect("a zone"),
                created: moment(created),
                start: start.map(moment),
                end: None,
            };
            let product = firings.next_after(moment(after)).map(jiff::Timestamp::as_millisecond);
            prop_assert_eq!(times.first_after(after), product, "{} after {}", text, moment(after));
        }
    }
}
