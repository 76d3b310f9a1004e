//! The ports of the engine over the world: what they send and read, and what the world answers by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod alarms;
mod outside;
mod scaling;
mod services;
mod site;
mod traffic;
