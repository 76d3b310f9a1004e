//! Times at which nothing is deployed.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::ports::{Ports, ScheduleExpression};

/// Longest window of a schedule.
pub const LONGEST_WINDOW: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// A reason not to deploy, and when it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Freeze {
    /// Why, in the user's words.
    pub reason: String,
    /// When.
    pub when: FreezeTimes,
    /// Where its times and days are read.
    pub zone: TimeZone,
}

/// When a freeze holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FreezeTimes {
    /// From each time of a schedule on, for this long.
    Windows {
        /// When a window begins.
        begins: ScheduleExpression,
        /// How long it lasts, at most [`LONGEST_WINDOW`].
        lasts: Duration,
    },
    /// Whole days.
    Days(Vec<Days>),
}

/// Days from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    first: Date,
    last: Date,
}

/// A freeze that holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Why, in the user's words.
    pub reason: String,
    /// Until when: an RFC 3339 time with its zone's offset.
    pub until: String,
    /// The end itself.
    end: Timestamp,
}

impl Days {
    /// `2026-12-24`, or `2026-12-24/2026-12-26`.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let day = |text: &str| {
            text.parse::<Date>()
                .map_err(|_| format!("`{text}` is not a day, such as 2026-12-24."))
        };
        let (first, last) = match text.split_once('/') {
            Some((first, last)) => (day(first)?, day(last)?),
            None => (day(text)?, day(text)?),
        };
        if first > last {
            return Err(format!("{first} is after {last}."));
        }
        Ok(Self { first, last })
    }

    /// The beginning of the day after the last one, when the moment is on one of the days.
    fn end_around(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        if !(self.first..=self.last).contains(&today) {
            return None;
        }
        let next = self.last.tomorrow().ok()?;
        Some(next.to_zoned(zone.clone()).ok()?.timestamp())
    }
}

impl Freeze {
    /// The freeze, if it holds at that moment.
    pub fn at(&self, now: Timestamp) -> Option<Frozen> {
        let end = match &self.when {
            FreezeTimes::Windows { begins, lasts } => {
                let lasts = SignedDuration::try_from(*lasts).ok()?;
                let begun = begins.last_at_or_before(now, &self.zone, Timestamp::MIN)?;
                let end = begun.checked_add(lasts).unwrap_or(Timestamp::MAX);
                (end > now).then_some(end)
            }
            FreezeTimes::Days(days) => {
                let ends = days.iter().filter_map(|it| it.end_around(now, &self.zone));
                ends.max()
            }
        }?;
        let local = end.to_zoned(self.zone.clone());
        Some(Frozen {
            reason: self.reason.clone(),
            until: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            end,
        })
    }
}

/// Of these freezes the one that holds now, and of several the one that ends last.
pub fn frozen(ports: &Ports, freezes: &[Freeze]) -> Option<Frozen> {
    // Without any, nobody needs to know the time.
    let (first, rest) = freezes.split_first()?;
    let now = ports.clock.now();
    let all = std::iter::once(first).chain(rest);
    all.filter_map(|freeze| freeze.at(now))
        .max_by_key(|frozen| frozen.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::time_zone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn freeze(when: FreezeTimes) -> Freeze {
        Freeze {
            reason: "weekend".to_owned(),
            when,
            zone: time_zone(Some("Europe/Berlin")).unwrap(),
        }
    }

    fn until(freeze: &Freeze, now: &str) -> Option<String> {
        freeze.at(at(now)).map(|frozen| frozen.until)
    }

    #[test]
    fn a_window_holds_from_its_schedule_on_for_its_length() {
        let weekend = freeze(FreezeTimes::Windows {
            begins: ScheduleExpression::parse("cron(0 18 ? * FRI *)").unwrap(),
            lasts: Duration::from_secs(62 * 3600),
        });
        let monday = Some("2026-03-09T08:00:00+01:00".to_owned());
        let table = [
            ("2026-03-06T16:59:59Z", None),
            ("2026-03-06T17:00:00Z", monday.clone()),
            ("2026-03-09T06:59:59Z", monday),
            ("2026-03-09T07:00:00Z", None),
            // One hour is missing that weekend: the window is as long as it is written.
            (
                "2026-03-27T18:00:00Z",
                Some("2026-03-30T09:00:00+02:00".to_owned()),
            ),
        ];
        for (now, expected) in table {
            assert_eq!(until(&weekend, now), expected, "{now}");
        }
    }

    #[test]
    fn days_are_whole_days_of_the_zone_and_the_last_one_counts() {
        let days = ["2026-12-24/2026-12-26", "2026-12-31"].map(|text| Days::parse(text).unwrap());
        let holidays = freeze(FreezeTimes::Days(days.to_vec()));
        let table = [
            ("2026-12-23T22:59:59Z", None),
            (
                "2026-12-23T23:00:00Z",
                Some("2026-12-27T00:00:00+01:00".to_owned()),
            ),
            (
                "2026-12-26T22:59:59Z",
                Some("2026-12-27T00:00:00+01:00".to_owned()),
            ),
            ("2026-12-26T23:00:00Z", None),
            (
                "2026-12-31T12:00:00Z",
                Some("2027-01-01T00:00:00+01:00".to_owned()),
            ),
        ];
        for (now, expected) in table {
            assert_eq!(until(&holidays, now), expected, "{now}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in [
            "",
            "2026-13-01",
            "2026-12-26/2026-12-24",
            "tomorrow",
            "2026-12-24/",
        ] {
            assert!(Days::parse(text).is_err(), "{text}");
        }
    }
}
