//! The waves, as far as names and dependencies are known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::group::{Disorder, waves};
use tfplugin::value::Attr;

use super::desired;
use super::model::Model;
use crate::blue_green_service::List;

/// Name → what it waits for; `None` while one of them is unknown.
pub(super) fn members(model: &Model) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let members = model.member.known()?.iter().map(|member| {
        let member = member.known()?;
        Some((member.name.known()?.clone(), desired::after(member)?))
    });
    members.collect()
}

/// Why there is no order, where that is known.
pub(super) fn disorder(model: &Model) -> Option<Disorder> {
    waves(&members(model)?).err()
}

/// `waves` of the plan.
pub(super) fn planned(model: &Model) -> List<Vec<Attr<String>>> {
    let Some(Ok(waves)) = members(model).map(|members| waves(&members)) else {
        return Attr::Unknown;
    };
    let wave = |wave: Vec<String>| Attr::Known(wave.into_iter().map(Attr::Known).collect());
    Attr::Known(waves.into_iter().map(wave).collect())
}
