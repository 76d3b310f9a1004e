//! Rules for what a state holds and no resource of the configuration gives.

use super::Event::{Changed, Turned};
use super::turn::Turn::Wider;
use super::{CRITICAL, MAJOR, Rule, rule};

const ANY: &[&str] = &["*"];

pub(super) static ACCESS: Rule = rule(
    "unmanaged.access",
    ANY,
    &[Turned("*", Wider)],
    CRITICAL,
    "The state holds access that no resource of this configuration gives: a rule, a policy or a grant that was added outside Terraform.",
    "Find out who added it; every run reports it until it is removed or accepted.",
);

pub(super) static DENIAL: Rule = rule(
    "unmanaged.denial",
    ANY,
    &[Changed("*")],
    MAJOR,
    "The state holds a policy or a rule that no resource of this configuration gives; it only denies.",
    "It may protect something: find out who added it before you remove it.",
);

/// All of them.
pub(super) static RULES: [&Rule; 2] = [&ACCESS, &DENIAL];
