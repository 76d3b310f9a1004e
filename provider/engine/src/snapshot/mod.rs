//! What a service was at a moment, written down: kept, listed, compared, gone back to.
//!
//! **Invariants.** A snapshot is a typed whitelist: nothing gets into it because AWS shows it. Values of environment
//! variables, labels, tags, log options, commands and hook details have no field to be in. What is written once is
//! never overwritten, and what cannot be read is never deleted.

mod canonical;
mod capture;
mod condition;
mod definition;
mod difference;
mod document;
mod home;
mod id;
mod prune;
mod reference;
mod restorable;
mod scaling;
mod sections;
mod stored;
mod taken;
#[cfg(test)]
mod tests;
mod unreadable;

pub use capture::{ConfiguredRoutes, capture, capture_with};
pub use condition::SnapshotCondition;
pub use difference::{SnapshotDifference, difference, difference_json, difference_text};
pub use document::Snapshot;
pub use home::Home;
pub use id::SnapshotId;
pub use prune::{Retention, prunable};
pub use restorable::{Restorable, restorable};
pub use stored::{
    Entry, Named, Stored, Summary, delete, list, location, names, names_own, newest, open, pin,
    read, unpin,
};
pub use taken::{Taken, take};
pub use unreadable::Unreadable;
