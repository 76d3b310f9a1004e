//! Acceptance cases: the real command line, the real provider binary, the lab or any other endpoint. The cases are in
//! `tests/`; here is what each of them needs of an endpoint, and the choice of those that can run at one.

mod choice;
mod needs;

pub use choice::Choice;
pub use needs::{NEEDS, needs};
