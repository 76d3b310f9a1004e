//! What somebody wants to have raised, and whether that is possible.

use jiff::Timestamp;

use super::note::{EmergencyScaling, Raised};
use crate::ports::{Bounds, ScalableTarget, Service};

/// What is to be raised. At least one of the three numbers says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyWish {
    /// Number of tasks.
    pub count: Option<u32>,
    /// Fewest tasks of automatic scaling.
    pub min: Option<u32>,
    /// Most tasks of automatic scaling.
    pub max: Option<u32>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

impl EmergencyWish {
    /// The note for it. An earlier one that is not restored yet keeps what it says there was before.
    ///
    /// # Errors
    /// Why it is not possible, in sentences.
    pub fn note(
        &self,
        service: &Service,
        target: Option<&ScalableTarget>,
    ) -> Result<EmergencyScaling, String> {
        let name = &service.name;
        if service.is_daemon() {
            return Err(format!(
                "`{name}` runs one task on each container instance (`DAEMON`): add instances instead."
            ));
        }
        let earlier = EmergencyScaling::of(&service.tags);
        let earlier = earlier.as_ref();
        if let Some(count) = self.count.filter(|count| *count < service.desired) {
            return Err(format!(
                "`{name}` has {} tasks, and {count} are fewer: emergency scaling only raises.",
                service.desired
            ));
        }
        let bounds = self.bounds(name, target, earlier.and_then(|it| it.bounds))?;
        let count = self.count.map(|to| Raised {
            from: match earlier.and_then(|earlier| earlier.count) {
                // Somebody has changed it since: that is what there was.
                Some(earlier) if earlier.to == service.desired => earlier.from,
                Some(_) | None => service.desired,
            },
            to,
        });
        let note = EmergencyScaling {
            until: self.until,
            count: count.or_else(|| earlier?.count).filter(is_more),
            bounds: bounds.or_else(|| earlier?.bounds),
            reason: self.reason.clone(),
        };
        if note.count.is_none() && note.bounds.is_none() {
            return Err(format!(
                "`{name}` has as many tasks already, and its bounds are not lower."
            ));
        }
        Ok(note)
    }

    /// A number of tasks outside the bounds would be taken back by automatic scaling.
    fn bounds(
        &self,
        name: &str,
        target: Option<&ScalableTarget>,
        earlier: Option<Raised<Bounds>>,
    ) -> Result<Option<Raised<Bounds>>, String> {
        let Some(target) = target else {
            return match (self.min, self.max) {
                (None, None) => Ok(None),
                (Some(_), _) | (_, Some(_)) => Err(format!(
                    "`{name}` has no automatic scaling, so that there are no bounds to raise. Use `--count`."
                )),
            };
        };
        let now = target.bounds;
        let count = self.count.unwrap_or(0);
        let min = self.min.unwrap_or_else(|| now.min.max(count));
        let max = self.max.unwrap_or_else(|| now.max.max(min).max(count));
        let to = Bounds { min, max };
        if min > max || count > max {
            return Err(format!(
                "`{name}` cannot have a maximum of {max} tasks and {} at least.",
                min.max(count)
            ));
        }
        if min < now.min || max < now.max {
            return Err(format!(
                "`{name}` scales between {} and {} tasks, and {min} to {max} would lower that: emergency scaling only \
                 raises.",
                now.min, now.max
            ));
        }
        let from = match earlier {
            Some(earlier) if earlier.to == now => earlier.from,
            Some(_) | None => now,
        };
        Ok((from != to).then_some(Raised { from, to }))
    }
}

fn is_more(count: &Raised<u32>) -> bool {
    count.to != count.from
}
