//! A Lambda alias that is moved between two published versions: what to do next, as a pure, total function.
//!
//! The alias itself says how far a move has come. Its main version is the one that is settled; while a move is under way, its
//! additional version is the new one, with its share, up to all of the traffic. Only the end of a move makes the new version
//! the main one. So a run that was killed leaves nothing that the next one cannot read.
//!
//! **Invariants.** No I/O and no clock. Every write names the routing that was seen before it, so that it fails where somebody
//! else was faster. What somebody else does during a run ends the run, and is not taken back by it. A version that was refused
//! in a run gets no traffic from it any more. Every phase ends: at the latest with the deadline and the allowance for the way
//! back.

mod decide;
mod look;
mod routing;
mod run;
#[cfg(test)]
mod tests;

pub use decide::decide;
pub use look::{AlarmSeen, AliasDecision, AliasSeen, AliasSpec};
pub use routing::{AliasRouting, Guest, Put, Version};
pub use run::{AliasPhase, Cause, End, Goal, Held};
