//! Gates: what has to be true of the new revision before a rollout goes on.

mod config;

pub use config::{
    Area, Check, Condition, Expectation, Gate, GateClass, Gates, HttpCheck, Inconclusive,
    MetricCheck, MissingData, Operator, ProbeTarget, SideQuery, SideSource, When,
};
