//! From the model to what the engine is asked for.

use switchyard_engine::function_alias::{DesiredAlias, Hold, Shape, holds};
use switchyard_engine::ports::{Share, Version};
use tfplugin::value::{Attr, Number};

use super::gates;
use super::model::Model;
use super::words::StrategyWord;
use crate::blue_green_service::{ShiftModel, known_set, or_default};
use crate::duration;

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown or not valid.
pub(super) fn wanted(model: &Model) -> Option<DesiredAlias> {
    let default = Model::defaults();
    let description = model.description.settled(own)?;
    Some(DesiredAlias {
        function: model.function_name.known()?.clone(),
        name: model.name.known()?.clone(),
        version: Version::parse(model.function_version.known()?)?,
        description: description.unwrap_or_default(),
        holds: shares(model)?,
        gates: gates::gates(model)?,
        alarms: match model.alarms {
            Attr::Null => Vec::new(),
            Attr::Known(_) | Attr::Unknown => known_set(&model.alarms)?.into_iter().collect(),
        },
        time_limit: duration::parse(or_default(&model.timeout, &default.timeout)?).ok()?,
        on_cancel: or_default(&model.on_cancel, &default.on_cancel)?.engine()?,
    })
}

/// The shares that are held; `None` as long as they are not known, or where the strategy lacks its block.
pub(super) fn shares(model: &Model) -> Option<Vec<Hold>> {
    let default = Model::defaults();
    let shape = match or_default(&model.strategy, &default.strategy)? {
        StrategyWord::AllAtOnce => Shape::AllAtOnce,
        StrategyWord::Canary => {
            let (share, minutes) = shift(model.canary.known()?)?;
            Shape::Canary { share, minutes }
        }
        StrategyWord::Linear => {
            let (share, minutes) = shift(model.linear.known()?)?;
            Shape::Linear { share, minutes }
        }
        StrategyWord::Unknown(_) => return None,
    };
    let bake = duration::parse(or_default(&model.bake_time, &default.bake_time)?).ok()?;
    Some(holds(shape, bake))
}

fn shift(model: &ShiftModel) -> Option<(Share, u32)> {
    let percent = model.percent.known().and_then(Number::nearest_f64)?;
    let share = Share::exactly(percent)?;
    let minutes = duration::parse_minutes(model.interval.known()?).ok()?;
    Some((share, minutes))
}

fn own<T: Clone>(value: &T) -> Option<T> {
    Some(value.clone())
}
