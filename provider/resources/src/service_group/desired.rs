//! From the model to what the engine is asked for.

use std::collections::BTreeSet;

use switchyard_engine::group::{DesiredGroup, DesiredMember};
use switchyard_engine::ports::ServiceRef;
use tfplugin::value::Attr;

use super::arn::service_of;
use super::model::{MemberModel, Model};
use crate::blue_green_service::{checks, known_set, or_default};
use crate::duration;

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn group(model: &Model, overrides_freezes: bool) -> Option<DesiredGroup> {
    let default = Model::defaults();
    let time = |text: &String| duration::parse(text).ok();
    let pause = time(or_default(
        &model.pause_between_waves,
        &default.pause_between_waves,
    )?)?;
    Some(DesiredGroup {
        name: model.name.known()?.clone(),
        members: members(model).map(member).collect::<Option<_>>()?,
        pause,
        pause_between_regions: model.pause_between_regions.settled(time)?.unwrap_or(pause),
        stages: stages(model)?,
        time_limit: time(or_default(&model.member_timeout, &default.member_timeout)?)?,
        overrides_freezes,
        on_cancel: or_default(&model.on_cancel, &default.on_cancel)?.engine()?,
    })
}

/// The members, as far as they are known.
pub(super) fn members(model: &Model) -> impl Iterator<Item = &MemberModel> {
    let members = model.member.known().into_iter().flatten();
    members.filter_map(|member| member.known())
}

fn member(model: &MemberModel) -> Option<DesiredMember> {
    Some(DesiredMember {
        key: model.name.known()?.clone(),
        service: service_of(model.service.known()?)?,
        task_definition: model.task_definition.known()?.clone(),
        after: after(model)?,
        checks: model.checks.settled(|text| checks(text).ok())?,
    })
}

/// The regions in stages.
pub(super) fn stages(model: &Model) -> Option<Vec<String>> {
    match &model.region_order {
        Attr::Null => Some(Vec::new()),
        Attr::Unknown => None,
        Attr::Known(regions) => regions.iter().map(|it| it.known().cloned()).collect(),
    }
}

/// What a member waits for.
pub(super) fn after(model: &MemberModel) -> Option<BTreeSet<String>> {
    match model.after {
        Attr::Null => Some(BTreeSet::new()),
        Attr::Known(_) | Attr::Unknown => known_set(&model.after),
    }
}

/// The services of the members that are known.
pub(super) fn services(model: &Model) -> Vec<ServiceRef> {
    let arns = members(model).filter_map(|member| member.service.known());
    arns.filter_map(|arn| service_of(arn)).collect()
}
