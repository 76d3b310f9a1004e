//! A group: services that change together, in the order of their dependencies. When one of them fails, all of them go back
//! to what was live before.
//!
//! **Invariants.** Before the first member moves, every member carries a note of what it goes back to: an apply that is
//! killed at any point leaves enough behind for the next one, and for people who have no configuration. A member that
//! somebody else deploys meanwhile is left alone. Nothing is decided here about one deployment: that is an
//! [`apply`](crate::apply()) of one service, as always.

mod back;
mod cause;
mod change;
mod end;
mod look;
mod note;
mod order;
mod places;
mod wish;

pub use back::{Return, Returning, go_back, returns};
pub use cause::{GroupCause, Standing};
pub use change::{apply_group, leave_group};
pub use end::{GroupApplied, GroupFailure};
pub use look::{GroupMember, check_member, look_at_member, members_of};
pub use note::GroupNote;
pub use order::{Disorder, against_stages, in_stages, waves};
pub use places::Places;
pub use wish::{DesiredGroup, DesiredMember, MemberChecks};
