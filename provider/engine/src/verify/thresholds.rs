//! Gates that undo and gates that only watch, compared.

use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::gate::{Check, Condition, Gate, MetricCheck, Operator};

/// A gate that only watches is the early warning; one that undoes at a milder value leaves it nothing to say.
pub(super) fn of_gates(wanted: &DesiredService) -> Vec<Finding> {
    let metrics: Vec<(&Gate, &MetricCheck)> = wanted
        .gates
        .list
        .iter()
        .filter_map(|gate| match &gate.check {
            Check::Metric(metric) => Some((gate, metric)),
            Check::Command(_)
            | Check::Connect(_)
            | Check::Dependency(_)
            | Check::Function(_)
            | Check::Http(_)
            | Check::Invoke(_) => None,
        })
        .collect();
    let mut findings = Vec::new();
    for (acting, acts) in metrics.iter().filter(|(gate, _)| !gate.observe_only) {
        for (watching, watches) in metrics.iter().filter(|(gate, _)| gate.observe_only) {
            let same = acts.queries == watches.queries && acts.result == watches.result;
            let (Some(undo), Some(alert)) = (bad_from(acts), bad_from(watches)) else {
                continue;
            };
            if same && is_milder(undo, alert) {
                findings.push(finding(
                    Rule::RollbackBelowAlert,
                    FindingLevel::Warning,
                    Field::Gates,
                    format!(
                        "Gate `{}` rolls the deployment back at {}, before gate `{}`, which only observes, fails at \
                         {}.",
                        acting.name, undo.value, watching.name, alert.value
                    ),
                    "The deployment is rolled back before the early warning.",
                    "Make the observe-only gate fail first: swap the two values, or remove one of the gates.",
                ));
            }
        }
    }
    findings
}

/// From where on a value is bad, and in which direction. Without a failure condition it is whatever is not
/// good.
fn bad_from(check: &MetricCheck) -> Option<Bad> {
    let upward = |condition: Condition| match condition.operator {
        Operator::Above | Operator::AtLeast => true,
        Operator::Below | Operator::AtMost => false,
    };
    match (check.failure, check.success) {
        (Some(failure), _) => Some(Bad {
            is_above: upward(failure),
            value: failure.value,
        }),
        (None, Some(success)) => Some(Bad {
            is_above: !upward(success),
            value: success.value,
        }),
        (None, None) => None,
    }
}

#[derive(Clone, Copy, Debug)]
struct Bad {
    is_above: bool,
    value: f64,
}

fn is_milder(undo: Bad, alert: Bad) -> bool {
    match (undo.is_above, alert.is_above) {
        (true, true) => undo.value < alert.value,
        (false, false) => undo.value > alert.value,
        (true, false) | (false, true) => false,
    }
}
