//! One fixed story, played against an endpoint and against the lab: where their answers differ, the lab is wrong.
//!
//! | piece | what it is |
//! |---|---|
//! | [`Recorder`] | stands before an endpoint and writes down each call with its answer |
//! | [`Recording`] | what was written down, with accounts, ids, addresses and names of others replaced |
//! | [`compare`] | members, words, order of states and times of two recordings |
//! | [`Question`] | what AWS's documents leave open, and what a recording says about it |

mod compare;
mod question;
mod recorder;
mod recording;
mod scrub;
mod states;

pub use compare::{Finding, compare};
pub use question::Question;
pub use recorder::Recorder;
pub use recording::{Exchange, Recording};
