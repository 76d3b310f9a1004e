//! Gates: what has to be true of the new revision before a rollout goes on.
//!
//! `config` says what is wanted, `expect`, `judge`, `track` and `score` are the rules as pure functions, `ask`
//! and `measure` get the facts through ports, and `runner` keeps the moments.

mod ask;
mod config;
mod expect;
mod judge;
mod means;
mod measure;
mod place;
mod runner;
mod score;
mod track;

#[cfg(test)]
mod tests;

pub use config::{
    Area, Check, Condition, Expectation, Gate, GateClass, Gates, HttpCheck, Inconclusive,
    MetricCheck, MissingData, MomentKind, Operator, ProbeTarget, SideQuery, SideSource,
};
pub(crate) use means::SideFacts;
pub(crate) use runner::GateRunner;
