//! Resources of this provider. What their differences mean, the engine says; here is only what it does not judge,
//! because no plan warns of it.

use serde_json::Value;
use switchyard_drift as drift;

use super::Event::Changed;
use super::{Classification, MatchedRule, Rule};
use crate::plan::{Difference, Shown};

/// The engine's judgement; none when it has no rule for this.
pub(super) fn find(
    resource_type: &str,
    difference: &Difference,
    object: &Value,
) -> Option<MatchedRule> {
    let path = difference.path.text();
    let (from, to) = (value(&difference.before), value(&difference.after));
    let change = drift::Change {
        resource_type,
        path: &path,
        from: &from,
        to: &to,
        object,
    };
    change.classified().rule.map(judgement)
}

/// A hidden value is something, not nothing.
fn value(shown: &Shown) -> Value {
    match shown {
        Shown::Nothing => Value::Null,
        Shown::Value(value) => value.clone(),
        Shown::Hidden => Value::from("(sensitive)"),
    }
}

fn judgement(rule: &'static drift::DriftRule) -> MatchedRule {
    MatchedRule {
        id: rule.id,
        verdict: match rule.class {
            drift::Class::Drift(severity) => Classification::Counts(severity),
            drift::Class::Expected(_) => Classification::Expected,
        },
        meaning: rule.meaning,
        advice: rule.remedy,
    }
}

pub(super) fn all() -> impl Iterator<Item = MatchedRule> {
    drift::all_rules().map(judgement)
}

pub(super) const RULES: &[Rule] = &[Rule {
    id: "service.account",
    types: &["switchyard_blue_green_service"],
    events: &[
        Changed("deploys"),
        Changed("last_deployment"),
        Changed("quarantined_images"),
        Changed("will_deploy"),
    ],
    verdict: Classification::Expected,
    meaning: "The record of the last deployment changes with every deployment.",
    advice: "Nothing to do.",
}];
