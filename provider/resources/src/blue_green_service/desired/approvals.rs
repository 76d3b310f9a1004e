//! Pauses that a person ends.

use switchyard_engine::ports::{HookTarget, LifecycleHook, LifecycleStage};

use super::values::minutes;
use crate::blue_green_service::model::{ApprovalModel, List, known_set, or_default, whole_list};

/// The pauses for a person.
pub(in crate::blue_green_service) fn approvals(
    blocks: &List<ApprovalModel>,
) -> Option<Vec<LifecycleHook>> {
    whole_list(blocks)?.into_iter().map(approval).collect()
}

fn approval(model: &ApprovalModel) -> Option<LifecycleHook> {
    let default = ApprovalModel::defaults();
    let on_timeout = or_default(&model.on_timeout, &default.on_timeout)?;
    Some(LifecycleHook {
        target: HookTarget::Pause,
        stages: known_set(&model.stages)?
            .iter()
            .map(|word| LifecycleStage::parse(word.word()))
            .collect(),
        details: None,
        timeout_minutes: Some(minutes(or_default(
            &model.time_limit,
            &default.time_limit,
        )?)?),
        on_timeout: Some(on_timeout.engine()),
        more: String::new(),
    })
}
