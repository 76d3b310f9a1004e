//! Gates: what has to be true of the new revision before a rollout goes on.
//!
//! `config` says what is wanted, `expect`, `judge`, `track` and `score` are the rules as pure functions, `ask`, `load`,
//! `command`, `function`, `invoke`, `connect`, `dependency` and `measure` get the facts through ports, and `runner` keeps the moments.

mod ask;
mod command;
mod config;
mod connect;
mod dependency;
mod expect;
mod function;
mod invoke;
mod judge;
mod load;
mod means;
mod measure;
mod place;
mod runner;
mod score;
mod track;

#[cfg(test)]
mod tests;

pub use config::{
    Anomaly, Area, Check, CommandCheck, Condition, ConnectCheck, DependencyCheck, Expectation,
    Flow, FunctionCheck, Gate, GateClass, Gates, HttpCheck, Inconclusive, InvokeCheck, Load,
    MetricCheck, MissingData, MomentKind, OnFailure, Operator, Outside, ProbeTarget, Rounds,
    SideQuery, SideSource, TlsCheck,
};
pub(crate) use means::{PairFacts, SideFacts};
pub(crate) use runner::GateRunner;
