//! Rules for what a state holds and no resource of the configuration gives, and for what exists and no state has.

use super::Event::{Changed, Turned};
use super::turn::Turn::Wider;
use super::{CRITICAL, MAJOR, MINOR, Rule, rule};

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

pub(super) static TRAFFIC: Rule = rule(
    "unmanaged.traffic",
    ANY,
    &[Changed("*")],
    CRITICAL,
    "It takes requests of a load balancer or service that a state has, and no state has it.",
    "Find out who made it, and where requests go now, before you delete it.",
);

pub(super) static OBJECT: Rule = rule(
    "unmanaged.object",
    ANY,
    &[Changed("*")],
    MAJOR,
    "It runs, serves or scales in this account, and no state has it.",
    "A different configuration may have it: give the gate its plan, too.",
);

pub(super) static LEFTOVER: Rule = rule(
    "unmanaged.leftover",
    ANY,
    &[Changed("*")],
    MINOR,
    "It exists in this account, no state has it, and no requests depend on it.",
    "A different configuration may have it: give the gate its plan, too.",
);

/// All about access.
pub(super) static RULES: [&Rule; 2] = [&ACCESS, &DENIAL];
/// All about objects.
pub(super) static OBJECTS: [&Rule; 3] = [&TRAFFIC, &OBJECT, &LEFTOVER];
