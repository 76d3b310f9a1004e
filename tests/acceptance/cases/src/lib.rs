//! Acceptance cases: the real command line, the real provider binary, the lab or any other endpoint. The cases are in
//! `tests/`; here is what each of them needs of an endpoint, the choice of those that can run at one, and the story that
//! tells an endpoint from the lab.

#![expect(
    clippy::panic,
    reason = "the story reports by panicking; what does not end as it must is no comparison"
)]

mod choice;
pub mod fidelity;
mod needs;

pub use choice::Choice;
pub use needs::{NEEDS, needs};
