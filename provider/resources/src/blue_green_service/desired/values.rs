//! Small readings that several parts share; `None` for what is not valid.

use switchyard_engine::gate::{Gates, MomentKind};

use crate::duration;

pub(super) fn minutes(text: impl AsRef<str>) -> Option<u32> {
    duration::parse_minutes(text.as_ref()).ok()
}

/// A number that is not negative.
pub(super) fn whole(number: &i64) -> Option<u32> {
    u32::try_from(*number).ok()
}

/// The value as it is.
pub(super) fn own<T: Clone>(value: &T) -> Option<T> {
    Some(value.clone())
}

/// The gates that are asked on the short way: before traffic moves, and after the end.
pub(super) fn short_way(mut gates: Gates) -> Gates {
    for gate in &mut gates.list {
        gate.when
            .retain(|when| matches!(when, MomentKind::BeforeTraffic | MomentKind::After));
    }
    gates.list.retain(|gate| !gate.when.is_empty());
    gates
}
