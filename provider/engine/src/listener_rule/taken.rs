//! Which rule of the listener has a priority.

use super::forward::is_pair;
use super::{DesiredRule, Doing, Holder, Refused};
use crate::ports::{Ports, RuleDetail};

/// The rule with a priority.
pub(super) fn holder(wanted: &DesiredRule, priority: u32, rules: &[RuleDetail]) -> Option<Holder> {
    let found = rules
        .iter()
        .find(|found| found.priority == Some(priority))?;
    Some(Holder {
        arn: found.rule.arn.clone(),
        is_equal: is_equal(wanted, found),
    })
}

pub(super) fn is_equal(wanted: &DesiredRule, found: &RuleDetail) -> bool {
    found.conditions == wanted.conditions && is_pair(&found.rule.forward, &wanted.pair)
}

pub(super) async fn rules_of(
    ports: &Ports,
    wanted: &DesiredRule,
) -> Result<Vec<RuleDetail>, Refused> {
    let rules = ports.listener_rules.rules_of(&wanted.listener).await;
    let rules = rules.map_err(|error| Refused::Call(Doing::Read, error))?;
    rules.ok_or_else(|| Refused::ListenerMissing(wanted.listener.clone()))
}
