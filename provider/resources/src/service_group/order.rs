//! The waves, as far as names and dependencies are known.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::group::{Disorder, against_stages, in_stages, waves};
use switchyard_engine::ports::region_of;
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

/// Name → region.
fn regions(model: &Model) -> Option<BTreeMap<String, String>> {
    let regions = model.member.known()?.iter().map(|member| {
        let member = member.known()?;
        let region = region_of(member.service.known()?)?;
        Some((member.name.known()?.clone(), region.to_owned()))
    });
    regions.collect()
}

/// Name → what it waits for, because of `after` and of `region_order`; `None` while one of them is unknown.
fn staged(model: &Model) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let members = members(model)?;
    let stages = desired::stages(model)?;
    match stages.is_empty() {
        true => Some(members),
        false => Some(in_stages(members, &regions(model)?, &stages)),
    }
}

/// Why there is no order, where that is known.
pub(super) fn disorder(model: &Model) -> Option<Disorder> {
    waves(&members(model)?).err()
}

/// A member that waits for one in a later region.
pub(super) fn against(model: &Model) -> Option<(String, String)> {
    against_stages(&members(model)?, &regions(model)?, &desired::stages(model)?)
}

/// `waves` of the plan.
pub(super) fn planned(model: &Model) -> List<Vec<Attr<String>>> {
    let Some(Ok(waves)) = staged(model).map(|members| waves(&members)) else {
        return Attr::Unknown;
    };
    let wave = |wave: Vec<String>| Attr::Known(wave.into_iter().map(Attr::Known).collect());
    Attr::Known(waves.into_iter().map(wave).collect())
}
