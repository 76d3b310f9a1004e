//! The maths of traffic shifts, alone.

use std::fmt;

/// How traffic moves. Percentages are in tenths of a percent (AWS takes tenths), times in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One shift to 100 %.
    AllAtOnce,
    /// Two shifts.
    Canary {
        /// First shift in tenths of a percent, 1–1000.
        tenths: u32,
        /// Minutes between the shifts.
        minutes: u32,
    },
    /// Equal shifts.
    Linear {
        /// Each shift in tenths of a percent, 1–1000.
        tenths: u32,
        /// Minutes between shifts; none after the last.
        minutes: u32,
    },
}

/// One shift: the weight it reaches, and how long it is held before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Production weight of the new revision in tenths of a percent.
    pub tenths: u32,
    /// Minutes until the next shift; 0 for the last.
    pub hold_minutes: u32,
}

/// All of the traffic, in tenths of a percent.
pub const WHOLE: u32 = 1000;

/// A share of traffic: tenths of a percent, for AWS takes no finer ones. `Display` writes percent, without the sign.
///
/// ```
/// use switchyard_rollout::weights::Share;
/// let share = Share::of_percent(12.5).unwrap_or_default();
/// assert_eq!((share.tenths(), share.to_string()), (125, "12.5".to_owned()));
/// assert_eq!(Share::of_percent(100.04), Some(Share::WHOLE));
/// assert_eq!(Share::of_percent(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// No traffic.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(WHOLE);

    /// So many tenths of a percent, at most all of it.
    pub const fn of_tenths(tenths: u32) -> Self {
        if tenths > WHOLE {
            return Self::WHOLE;
        }
        Self(tenths)
    }

    /// The share nearest to so many percent; `None` for what is no number.
    pub fn of_percent(percent: f64) -> Option<Self> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped before"
        )]
        let tenths = (percent * 10.0).round().clamp(0.0, f64::from(WHOLE)) as u32;
        percent.is_finite().then_some(Self(tenths))
    }

    /// In tenths of a percent, 0–1000.
    pub const fn tenths(self) -> u32 {
        self.0
    }

    /// In percent, 0–100.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 10, self.0 % 10) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, tenth) => write!(f, "{whole}.{tenth}"),
        }
    }
}

/// The shifts of a shape, in order; the last one always reaches [`WHOLE`].
///
/// Linear steps of 30 % go 30, 60, 90, 100: the last is smaller. A canary of 100 % is one shift.
///
/// ```
/// use switchyard_rollout::weights::{Shape, shifts};
/// let weights: Vec<u32> = shifts(Shape::Linear { tenths: 300, minutes: 5 }).map(|shift| shift.tenths).collect();
/// assert_eq!(weights, [300, 600, 900, 1000]);
/// ```
pub fn shifts(shape: Shape) -> impl Iterator<Item = Shift> {
    let (first, step, minutes) = match shape {
        Shape::AllAtOnce => (WHOLE, WHOLE, 0),
        Shape::Canary { tenths, minutes } => (tenths, WHOLE, minutes),
        Shape::Linear { tenths, minutes } => (tenths, tenths, minutes),
    };
    // A step of nothing would never arrive.
    let (first, step) = (first.clamp(1, WHOLE), step.max(1));
    let mut at = Some(first);
    std::iter::from_fn(move || {
        let tenths = at?;
        at = (tenths < WHOLE).then(|| tenths.saturating_add(step).min(WHOLE));
        Some(Shift {
            tenths,
            hold_minutes: if tenths < WHOLE { minutes } else { 0 },
        })
    })
}

/// The least time the shifts take, in minutes: all holds, without the time tasks need to start.
///
/// Linear 10 % every 6 minutes holds nine times: 54 minutes.
pub fn least_minutes(shape: Shape) -> u64 {
    shifts(shape)
        .map(|shift| u64::from(shift.hold_minutes))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ten_percent_every_six_minutes_takes_54_minutes() {
        assert_eq!(
            least_minutes(Shape::Linear {
                tenths: 100,
                minutes: 6
            }),
            54
        );
    }

    #[test]
    fn shapes_reach_the_whole_as_aws_documents() {
        let table: [(Shape, &[u32], u64); 6] = [
            (Shape::AllAtOnce, &[1000], 0),
            (
                Shape::Canary {
                    tenths: 50,
                    minutes: 10,
                },
                &[50, 1000],
                10,
            ),
            (
                Shape::Canary {
                    tenths: 1000,
                    minutes: 10,
                },
                &[1000],
                0,
            ),
            (
                Shape::Linear {
                    tenths: 300,
                    minutes: 5,
                },
                &[300, 600, 900, 1000],
                15,
            ),
            (
                Shape::Linear {
                    tenths: 1000,
                    minutes: 5,
                },
                &[1000],
                0,
            ),
            (
                Shape::Linear {
                    tenths: 500,
                    minutes: 1440,
                },
                &[500, 1000],
                1440,
            ),
        ];
        for (shape, weights, minutes) in table {
            assert_eq!(
                shifts(shape).map(|shift| shift.tenths).collect::<Vec<_>>(),
                weights,
                "{shape:?}"
            );
            assert_eq!(least_minutes(shape), minutes, "{shape:?}");
        }
    }
}
