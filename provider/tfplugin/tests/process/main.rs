//! The provider as a process, seen from outside: what Terraform starts, connects to and ends.
//!
//! Each test runs the example `transport_probe` and plays go-plugin's client against it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking, helpers included"
)]

mod client;
mod debug;
mod handshake;
mod limits;
mod logging;
mod plugin;
mod shutdown;
mod signals;
mod tls;
