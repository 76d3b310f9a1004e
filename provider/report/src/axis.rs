//! A time line: from time to place.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Steps between two marks, in seconds.
const STEPS: &[i64] = &[
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000, 31_536_000,
];

/// Most marks.
const MOST: i64 = 8;

/// A time line in a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    from: Timestamp,
    to: Timestamp,
    left: f64,
    width: f64,
}

/// A mark of the time line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) x: f64,
    pub(crate) text: String,
}

impl Axis {
    pub(crate) fn new((from, to): (Timestamp, Timestamp), left: f64, width: f64) -> Self {
        Self {
            from,
            to,
            left,
            width,
        }
    }

    pub(crate) fn left(&self) -> f64 {
        self.left
    }

    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    /// Where a moment is; what is outside is at the edge.
    pub(crate) fn x(&self, at: Timestamp) -> f64 {
        let all = self.to.duration_since(self.from).as_secs_f64();
        if all <= 0.0 {
            return self.left;
        }
        let part = at.duration_since(self.from).as_secs_f64() / all;
        self.left + self.width * part.clamp(0.0, 1.0)
    }

    /// Marks at round times, in UTC.
    pub(crate) fn ticks(&self) -> Vec<Tick> {
        let (from, to) = (self.from.as_second(), self.to.as_second());
        let longest = STEPS.last().copied().unwrap_or(1);
        let step = STEPS
            .iter()
            .copied()
            .find(|step| (to - from) / step < MOST)
            .unwrap_or(longest);
        let first = from.div_euclid(step) * step;
        let form = match step {
            ..60 => "%H:%M:%S",
            60..86_400 => "%H:%M",
            _ => "%m-%d",
        };
        let times = (0..=2 * MOST).map(|nth| first + nth * step);
        times
            .filter(|second| (from..=to).contains(second))
            .filter_map(|second| Timestamp::from_second(second).ok())
            .map(|at| Tick {
                x: self.x(at),
                text: at.to_zoned(TimeZone::UTC).strftime(form).to_string(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(from: &str, to: &str) -> Axis {
        Axis::new((from.parse().unwrap(), to.parse().unwrap()), 100.0, 600.0)
    }

    #[test]
    fn marks_are_at_round_times() {
        let ticks = axis("2026-11-30T14:02:11Z", "2026-11-30T14:32:11Z").ticks();
        let texts: Vec<_> = ticks.iter().map(|tick| tick.text.as_str()).collect();
        assert_eq!(
            texts,
            ["14:05", "14:10", "14:15", "14:20", "14:25", "14:30"]
        );
        assert!(ticks.iter().all(|tick| (100.0..=700.0).contains(&tick.x)));
    }

    #[test]
    fn no_time_at_all_has_a_place() {
        let axis = axis("2026-11-30T14:02:11Z", "2026-11-30T14:02:11Z");
        assert_eq!(axis.x("2026-11-30T15:00:00Z".parse().unwrap()), 100.0);
        assert_eq!(axis.ticks().len(), 1);
    }

    #[test]
    fn there_are_never_too_many_marks() {
        for (to, most) in [
            ("2026-11-30T14:02:12Z", 2),
            ("2026-11-30T23:59:59Z", 9),
            ("2026-12-24T00:00:00Z", 9),
            ("2226-12-24T00:00:00Z", 17),
        ] {
            let ticks = axis("2026-11-30T14:02:11Z", to).ticks();
            assert!(!ticks.is_empty() && ticks.len() <= most, "{to}: {ticks:?}");
        }
    }
}
