//! The adapters against an HTTP server on loopback: what they send, and what they make of answers.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking; clippy sees only the test functions themselves"
)]

mod ahead;
mod alarms;
mod capacity;
mod code_deploy;
mod connection;
mod definitions;
mod dependencies;
mod direct;
mod documented;
mod ecs;
mod elb;
mod fake;
mod forward;
mod function_aliases;
mod images;
mod inspection;
mod log_leak;
mod members;
mod metrics;
mod monitoring;
mod prerequisites;
mod replay;
mod rollouts;
mod rules;
mod scaling;
mod snapshots;
mod stale;
mod task_sets;
