//! Two spellings of one thing are no difference.

use std::collections::BTreeMap;

use tfplugin::value::Attr;

use super::model::{Blocks, Model, Named, known_blocks};
use crate::duration;

/// Spells every time in `model` as it is recorded where that means the same: AWS and an import say `5m` where people
/// may write `300s`.
pub(super) fn as_recorded(prior: &Model, model: &mut Model) {
    pairs(
        &prior.target_tracking,
        &mut model.target_tracking,
        |prior, planned| {
            respell(
                &mut planned.scale_in_cooldown,
                &prior.scale_in_cooldown,
                same_time,
            );
            respell(
                &mut planned.scale_out_cooldown,
                &prior.scale_out_cooldown,
                same_time,
            );
        },
    );
    pairs(&prior.step, &mut model.step, |prior, planned| {
        respell(&mut planned.cooldown, &prior.cooldown, same_time);
        if let (Attr::Known(prior), Attr::Known(planned)) = (&prior.alarm, &mut planned.alarm) {
            respell(&mut planned.period, &prior.period, same_time);
        }
    });
    pairs(
        &prior.predictive,
        &mut model.predictive,
        |prior, planned| {
            respell(
                &mut planned.scheduling_buffer,
                &prior.scheduling_buffer,
                same_time,
            );
        },
    );
    pairs(
        &prior.scheduled_action,
        &mut model.scheduled_action,
        |prior, planned| {
            respell(&mut planned.start_time, &prior.start_time, same_moment);
            respell(&mut planned.end_time, &prior.end_time, same_moment);
        },
    );
}

/// Blocks of the same name.
fn pairs<T: Clone + Named + Ord>(
    prior: &Blocks<T>,
    planned: &mut Blocks<T>,
    change: impl Fn(&T, &mut T),
) {
    let prior: BTreeMap<_, _> = known_blocks(prior).collect();
    let Attr::Known(blocks) = &*planned else {
        return;
    };
    let respelled = blocks.iter().map(|block| {
        let name = block.known().and_then(|block| block.name().known());
        let prior = name.and_then(|name| prior.get(name));
        match (block, prior) {
            (Attr::Known(block), Some(prior)) => {
                let mut block = block.clone();
                change(prior, &mut block);
                Attr::Known(block)
            }
            _ => block.clone(),
        }
    });
    *planned = Attr::Known(respelled.collect());
}

fn same_time(left: &str, right: &str) -> bool {
    matches!((duration::parse(left), duration::parse(right)), (Ok(left), Ok(right)) if left == right)
}

fn same_moment(left: &str, right: &str) -> bool {
    let moment = |text: &str| text.parse::<jiff::Timestamp>();
    matches!((moment(left), moment(right)), (Ok(left), Ok(right)) if left == right)
}

/// Keeps the recorded spelling where the planned one means the same.
pub(super) fn respell(
    planned: &mut Attr<String>,
    prior: &Attr<String>,
    same: impl Fn(&str, &str) -> bool,
) {
    if let (Attr::Known(wanted), Attr::Known(recorded)) = (&*planned, prior)
        && same(wanted, recorded)
    {
        planned.clone_from(prior);
    }
}
