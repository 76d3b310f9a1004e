//! Which pair a gate is about.

use std::collections::BTreeSet;

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::{Rule, not_used};
use crate::blue_green_service::model::{
    AdditionalModel, GateModel, Model, known_elements, known_set,
};

/// The additional load balancer that a gate is about, if it names one.
pub(super) fn besides<'a>(config: &'a Model, gate: &GateModel) -> Option<&'a AdditionalModel> {
    let group = gate.target_group.known()?;
    let mut all = known_elements(&config.parts.additional_load_balancer);
    let is_named = |one: &&AdditionalModel| {
        [&one.target_group_arn, &one.alternate_target_group_arn]
            .into_iter()
            .any(|it| it.known() == Some(group))
    };
    all.find_map(|(_, one)| Some(one).filter(is_named))
}

pub(super) fn all(
    config: &Model,
    gate: &GateModel,
    name: &str,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    if gate.target_group.is_null() {
        return;
    }
    let at = || path.clone().attribute("target_group");
    let is_elsewhere = gate.command.is_known()
        || gate.tcp.is_known()
        || gate.tls.is_known()
        || gate.dependency.is_known()
        || gate.http.known().is_some_and(|http| http.url.is_known());
    if is_elsewhere {
        found.push(not_used(
            at(),
            "target_group",
            "what this gate asks is not behind a target group",
        ));
        return;
    }
    let (Attr::Known(group), Some(groups)) = (&gate.target_group, groups(config)) else {
        return;
    };
    if !groups.contains(group) {
        let listed: Vec<String> = groups.iter().map(|group| format!("`{group}`")).collect();
        let has = match listed.as_slice() {
            [] => "It has none.".to_owned(),
            some => format!("It has {}.", some.join(", ")),
        };
        found.push(Rule::GatePair.error(
            at(),
            format!("The gate `{name}` is about a target group that the service does not have"),
            format!(
                "{has} Name a target group of `load_balancer` or of an `additional_load_balancer`, or remove \
                 `target_group`."
            ),
        ));
    }
}

/// Every target group of the service; `None` while one of them is unknown.
fn groups(config: &Model) -> Option<BTreeSet<String>> {
    let mut all = match config.load_balancer.as_ref() {
        Attr::Null => BTreeSet::new(),
        Attr::Unknown => return None,
        Attr::Known(balancer) => match balancer.target_groups {
            Attr::Null => BTreeSet::new(),
            Attr::Known(_) | Attr::Unknown => known_set(&balancer.target_groups)?,
        },
    };
    let besides = match config.parts.additional_load_balancer.as_ref() {
        Attr::Null => return Some(all),
        Attr::Unknown => return None,
        Attr::Known(besides) => besides,
    };
    for one in besides {
        let one = one.known()?;
        all.insert(one.target_group_arn.known()?.clone());
        let other = one
            .alternate_target_group_arn
            .settled(|group| Some(group.clone()))?;
        all.extend(other);
    }
    Some(all)
}
