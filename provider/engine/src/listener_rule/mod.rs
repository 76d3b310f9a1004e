//! A listener rule that somebody owns while somebody else moves its weights.
//!
//! Conditions, priority, tags and the pair of target groups belong to the owner. Weights belong to whoever deploys:
//! they are set once, when the rule is made, and kept whenever the rest changes.

mod apply;
mod forward;
mod moves;
mod observe;
mod refused;
mod taken;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::{BTreeMap, BTreeSet};

use crate::fingerprint::fnv1a;
use crate::ports::{RuleCondition, RuleDetail, WeightedTarget};
use crate::tagging::DesiredTags;

pub use apply::{RuleFailed, create_rule, delete_rule, update_rule};
pub use forward::{FIRST_WEIGHT, groups_of, is_pair, kept_weights, still_serving};
pub use moves::Moves;
pub use observe::observe_rule;
pub use refused::{Doing, Holder, Refused};
pub use verify::{verify_creation, verify_update};

/// Lowest and highest priority of a rule (a rule of Elastic Load Balancing).
pub const PRIORITIES: std::ops::RangeInclusive<u32> = 1..=50_000;

/// How a rule is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredRule {
    /// ARN of the listener.
    pub listener: String,
    /// Absent: whatever it has; for a new rule the next one that is free.
    pub priority: Option<u32>,
    /// What a request has to fulfil.
    pub conditions: BTreeSet<RuleCondition>,
    /// The two target groups. The first gets all requests of a new rule.
    pub pair: [String; 2],
    /// How long a client stays with the group it met first; absent when off.
    pub stickiness_seconds: Option<u32>,
    /// All tags.
    pub tags: DesiredTags,
}

impl DesiredRule {
    /// What identifies the rule that is being made, so that a creation of which only AWS knows is recognised.
    fn fingerprint(&self) -> String {
        let mut pair = self.pair.clone();
        pair.sort();
        let conditions = format!("{:?}", self.conditions);
        let priority = format!("{:?}", self.priority);
        let parts = [
            self.listener.as_str(),
            &pair[0],
            &pair[1],
            &conditions,
            &priority,
        ];
        format!("{:016x}", fnv1a(parts))
    }

    fn new_forward(&self) -> Vec<WeightedTarget> {
        kept_weights(&self.pair, &[], 0)
    }
}

/// A rule as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRule {
    /// What AWS shows.
    pub detail: RuleDetail,
    /// Its tags, without our notes.
    pub tags: BTreeMap<String, String>,
    /// The note of its creation, as long as it carries one.
    pub note: Option<String>,
}
