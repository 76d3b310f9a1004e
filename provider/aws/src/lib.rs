//! The only crate that sees the AWS SDK: batching, rate limits, error classification.
//!
//! [`Aws::connect`] is cheap and touches neither the network nor the disk; [`Aws::ports`] hands out
//! the engine's ports over it. Everything behind is built once, on first use.
//!
//! **Invariants.** No SDK type leaves this crate. Kinds of failure are decided in one table
//! ([`classify`]). A secret never appears in a message, a `Debug` output or a log line.

mod access_keys;
mod adapter;
mod aws;
mod batch;
mod call;
pub mod classify;
mod config;
mod connection;
mod convert;
mod credentials;
mod direct;
mod environment;
mod failed;
mod http;
mod known;
mod log_filter;
mod patience;
mod problem;
mod profile;
mod redacted;
mod service;
mod spelling;
mod throttle;
mod way;

pub use access_keys::AccessKeys;
pub use aws::Aws;
pub use config::{AssumeRole, AwsConfig, Endpoints, RetryMode, WebIdentity, WebIdentityToken};
pub use environment::Environment;
pub use log_filter::may_log;
pub use problem::Problem;
pub use redacted::Redacted;
pub use service::Service;
