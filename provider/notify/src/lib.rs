//! Notifications of deployments: what is told ([`Event`]), to whom ([`Target`]), in which form, and how often it is tried
//! ([`Notifier`]). One crate for the provider and the command. What happens comes from the progress that every apply tells
//! ([`switchyard_engine::ports::Progress`]); metrics of a deployment come from its record ([`health`]).
//!
//! **Invariant.** A rollout neither waits for a receiver nor fails because of one. Each receiver has a task and a bounded
//! queue of its own; only the end of an apply waits, bounded, and what did not arrive by then is one warning.
//!
//! **Invariant.** At least once: a receiver may get an event again whose answer was lost. Its id tells.
//!
//! **Invariant.** No AWS SDK. Time comes only from [`switchyard_engine::ports::Clock`]. A secret is read when it is needed,
//! and never appears in an event, a message, a `Debug` output or a log line.

mod deliver;
mod event;
pub mod health;
mod kind;
mod message;
mod notifier;
mod story;
mod target;
mod variables;

#[cfg(test)]
mod tests;

pub use deliver::{Outlets, Undelivered};
pub use event::{Drift, Event, SCHEMA_VERSION, Subject};
pub use kind::Kind;
pub use message::REQUEST_TIMEOUT;
pub use notifier::{Notifier, listening, tell};
pub use target::{Given, PAGERDUTY, RECEIVERS, Receiver, Target, Wrong, targets_of};
pub use variables::Variables;
