//! Which bounds are right at a moment.

use jiff::Timestamp;

use crate::ports::{
    Bounds, BreachBehavior, Firings, Policy, PredictiveMode, ScheduleExpression, ScheduledAction,
    time_zone,
};

/// The bounds that are right at a moment, and what has set them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightBounds {
    /// The bounds.
    pub bounds: Bounds,
    /// The scheduled action that has set them; absent for the base.
    pub by: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// The base, with the last firing of every schedule put over it in the order of their times.
///
/// A schedule that AWS does not know yet (without `created`) has never fired, and one that cannot be read is left
/// out: AWS does not have it either.
pub fn bounds_now<'a>(
    base: Bounds,
    schedules: impl IntoIterator<Item = &'a ScheduledAction>,
    now: Timestamp,
) -> RightBounds {
    let mut fired: Vec<(Timestamp, &ScheduledAction)> = schedules
        .into_iter()
        .filter_map(|action| Some((last_firing(action, now)?, action)))
        .collect();
    fired.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    let mut right = RightBounds {
        bounds: base,
        by: None,
        since: None,
    };
    for (at, action) in fired {
        right = RightBounds {
            bounds: after(right.bounds, action),
            by: Some(action.name.clone()),
            since: Some(at),
        };
    }
    right
}

/// Whether one of the policies may raise the upper bound by itself, when its forecast exceeds it. AWS does not lower
/// it again.
pub fn raises_bounds<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> bool {
    policies.into_iter().any(|policy| match policy {
        Policy::Predictive(predictive) => {
            let acts = match predictive.mode {
                PredictiveMode::ForecastAndScale => true,
                PredictiveMode::ForecastOnly | PredictiveMode::Unknown(_) => false,
            };
            let increases = match predictive.on_breach {
                Some(BreachBehavior::IncreaseMax { .. }) => true,
                None | Some(BreachBehavior::HonorMax | BreachBehavior::Unknown(_)) => false,
            };
            acts && increases
        }
        Policy::TargetTracking(_) | Policy::Step(_) | Policy::Unknown(_) => false,
    })
}

/// Whether `found` is `right`, or what a forecast has made of it where forecasts may.
#[must_use]
pub fn are_right(found: Bounds, right: Bounds, raised: bool) -> bool {
    found == right || raised && found.min == right.min && found.max > right.max
}

/// A single bound that crosses the other one pulls it along, so that the bounds stay in order.
fn after(before: Bounds, action: &ScheduledAction) -> Bounds {
    let min = action
        .min
        .unwrap_or_else(|| before.min.min(action.max.unwrap_or(u32::MAX)));
    let max = action.max.unwrap_or_else(|| before.max.max(min));
    Bounds { min, max }
}

/// When the action fires next; absent when never. `known_since` is when AWS got an action of this name,
/// for one that is put over it.
///
/// One that cannot be read does not fire either.
pub fn next_firing(
    action: &ScheduledAction,
    now: Timestamp,
    known_since: Option<Timestamp>,
) -> Option<Timestamp> {
    of(action, known_since.unwrap_or(now), |firings| {
        firings.next_after(now)
    })
}

/// When the action fired last.
fn last_firing(action: &ScheduledAction, now: Timestamp) -> Option<Timestamp> {
    of(action, action.created?, |firings| {
        firings.last_at_or_before(now)
    })
}

fn of(
    action: &ScheduledAction,
    created: Timestamp,
    ask: impl FnOnce(Firings<'_>) -> Option<Timestamp>,
) -> Option<Timestamp> {
    ask(Firings {
        expression: &ScheduleExpression::parse(&action.schedule).ok()?,
        zone: &time_zone(action.timezone.as_deref()).ok()?,
        created,
        start: action.start,
        end: action.end,
    })
}
