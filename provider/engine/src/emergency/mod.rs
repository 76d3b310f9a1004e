//! Emergency scaling: more tasks than the configuration says, for a time, and back again.
//!
//! A note on the service comes first ([`EMERGENCY_TAG`](crate::EMERGENCY_TAG)): what there was, what there is to be, until
//! when, and why. Whoever is killed after it leaves something that the same command, [`end_emergency`] or, after the time,
//! an apply finishes. Until then what the note says is expected, and no plan takes it back.

mod act;
mod note;
mod wish;

pub(crate) use act::forget;
pub use act::{Ended, Fate, begin_emergency, end_emergency};
pub use note::{EmergencyScaling, Raised};
pub use wish::EmergencyWish;
