//! The provider as a process, seen from outside: what Terraform starts, connects to and ends.
//!
//! Each test runs the example `transport_probe` and plays go-plugin's client against it.

mod client;
mod debug;
mod handshake;
mod limits;
mod logging;
mod plugin;
mod shutdown;
mod signals;
mod tls;
