//! One row of the table.

use serde_json::Value;

/// What becomes of a member.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// It is this attribute of `switchyard_blue_green_service`.
    Attribute(&'static str),
    /// Nobody writes it: AWS says it, or a rollout carries it over; why.
    Fact(&'static str),
    /// There is no attribute for it; why, and what becomes of it.
    NotOffered {
        /// Why.
        because: &'static str,
        /// Which values mean that nothing was set.
        unset: fn(&Value) -> bool,
    },
}

/// One row: members of members are separated by dots, and lists have `[]`.
pub type Row = (&'static str, Fate);
