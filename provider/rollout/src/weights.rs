//! The maths of traffic shifts, alone.

use std::fmt;

/// How traffic moves; times are in minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One shift to 100 %.
    AllAtOnce,
    /// Two shifts.
    Canary {
        /// First shift.
        share: Share,
        /// Minutes between the shifts.
        minutes: u32,
    },
    /// Equal shifts.
    Linear {
        /// Each shift.
        share: Share,
        /// Minutes between shifts; none after the last.
        minutes: u32,
    },
}

/// One shift: the weight it reaches, and how long it is held before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Production weight of the new revision.
    pub share: Share,
    /// Minutes until the next shift; 0 for the last.
    pub hold_minutes: u32,
}

/// All of the traffic, in tenths of a percent.
const WHOLE: u32 = 1000;

/// A share of traffic: tenths of a percent, for AWS takes no finer ones. `Display` writes percent, without the sign.
///
/// ```
/// use switchyard_rollout::weights::Share;
/// let share = Share::of_percent(12.5).unwrap_or_default();
/// assert_eq!((share.tenths(), share.to_string()), (125, "12.5".to_owned()));
/// assert_eq!(Share::of_percent(100.04), Some(Share::WHOLE));
/// assert_eq!(Share::of_percent(f64::NAN), None);
/// assert_eq!(Share::exactly(12.55), None);
/// assert_eq!(Share::of_weights(1, 3), Share::of_tenths(333));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// No traffic.
    pub const NONE: Self = Self(0);
    /// The least that AWS takes.
    pub const LEAST: Self = Self(1);
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

    /// The share that is exactly so many percent; `None` for what is none, or finer than AWS takes it.
    pub fn exactly(percent: f64) -> Option<Self> {
        let tenths = percent * 10.0;
        let share = Self::of_percent(percent)?;
        ((f64::from(share.0) - tenths).abs() < 1e-6).then_some(share)
    }

    /// What `ours` of `total` weights is. Rounded, but a share is never rounded to nothing or to all.
    pub fn of_weights(ours: u64, total: u64) -> Self {
        match (ours, total) {
            (0, _) | (_, 0) => Self::NONE,
            (ours, total) if ours >= total => Self::WHOLE,
            (ours, total) => {
                let all = u128::from(total);
                let rounded = (u128::from(ours) * u128::from(WHOLE) + all / 2) / all;
                let most = WHOLE - 1;
                Self(u32::try_from(rounded).map_or(most, |tenths| tenths.clamp(1, most)))
            }
        }
    }

    /// Whether it is no traffic at all.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether it is all of the traffic.
    pub const fn is_whole(self) -> bool {
        self.0 >= WHOLE
    }

    /// What the others have.
    pub const fn rest(self) -> Self {
        Self(WHOLE.saturating_sub(self.0))
    }

    /// Both together, at most all of it.
    pub const fn plus(self, other: Self) -> Self {
        Self::of_tenths(self.0.saturating_add(other.0))
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

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} %")
    }
}

impl std::iter::Sum for Share {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::NONE, Self::plus)
    }
}

/// The shifts of a shape, in order; the last one always reaches [`Share::WHOLE`].
///
/// Linear steps of 30 % go 30, 60, 90, 100: the last is smaller. A canary of 100 % is one shift.
///
/// ```
/// use switchyard_rollout::weights::{Shape, Share, shifts};
/// let share = Share::of_tenths(300);
/// let weights: Vec<u32> =
///     shifts(Shape::Linear { share, minutes: 5 }).map(|shift| shift.share.tenths()).collect();
/// assert_eq!(weights, [300, 600, 900, 1000]);
/// ```
pub fn shifts(shape: Shape) -> impl Iterator<Item = Shift> {
    let (first, step, minutes) = match shape {
        Shape::AllAtOnce => (Share::WHOLE, Share::WHOLE, 0),
        Shape::Canary { share, minutes } => (share, Share::WHOLE, minutes),
        Shape::Linear { share, minutes } => (share, share, minutes),
    };
    // A step of nothing would never arrive.
    let (first, step) = (first.max(Share::LEAST), step.max(Share::LEAST));
    let mut at = Some(first);
    std::iter::from_fn(move || {
        let share = at?;
        at = (!share.is_whole()).then(|| share.plus(step));
        Some(Shift {
            share,
            hold_minutes: if share.is_whole() { 0 } else { minutes },
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
                share: Share::of_tenths(100),
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
                    share: Share::of_tenths(50),
                    minutes: 10,
                },
                &[50, 1000],
                10,
            ),
            (
                Shape::Canary {
                    share: Share::of_tenths(1000),
                    minutes: 10,
                },
                &[1000],
                0,
            ),
            (
                Shape::Linear {
                    share: Share::of_tenths(300),
                    minutes: 5,
                },
                &[300, 600, 900, 1000],
                15,
            ),
            (
                Shape::Linear {
                    share: Share::of_tenths(1000),
                    minutes: 5,
                },
                &[1000],
                0,
            ),
            (
                Shape::Linear {
                    share: Share::of_tenths(500),
                    minutes: 1440,
                },
                &[500, 1000],
                1440,
            ),
        ];
        for (shape, weights, minutes) in table {
            assert_eq!(
                shifts(shape)
                    .map(|shift| shift.share.tenths())
                    .collect::<Vec<_>>(),
                weights,
                "{shape:?}"
            );
            assert_eq!(least_minutes(shape), minutes, "{shape:?}");
        }
    }
}
