//! Commands on an account in the world, as people type them: what they say, what they change, and their exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answering;
mod back;
mod explaining;
mod finding;
mod following;
mod groups;
mod looking;
mod operator;
mod remembered;
mod scaling;
mod writing;
