//! Automatic scaling during a rollout. What we suspend is noted in a tag before, and just that is resumed after:
//! what others suspend or resume meanwhile stays as they want it.

use std::collections::{BTreeMap, BTreeSet};

use crate::SCALING_TAG;
use crate::desired::ScalingDuring;
use crate::goal::Goal;
use crate::notes::{noted, without};
use crate::ports::{Result, Service, SuspendedState};

/// The note: what we suspend.
fn note(state: SuspendedState) -> String {
    let words: Vec<&str> = [
        (state.scale_in, "in"),
        (state.scale_out, "out"),
        (state.scheduled, "scheduled"),
    ]
    .into_iter()
    .filter_map(|(is_suspended, word)| is_suspended.then_some(word))
    .collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join("+")
    }
}

/// What is suspended during a rollout: what was before, and what is asked for.
fn during(before: SuspendedState, wanted: ScalingDuring) -> SuspendedState {
    match wanted {
        ScalingDuring::Keep => before,
        ScalingDuring::SuspendAll => SuspendedState {
            scale_in: true,
            scale_out: true,
            scheduled: true,
        },
        ScalingDuring::SuspendIn => SuspendedState {
            scale_in: true,
            ..before
        },
    }
}

/// `state` with everything of `other` besides.
fn with(state: SuspendedState, other: SuspendedState) -> SuspendedState {
    SuspendedState {
        scale_in: state.scale_in || other.scale_in,
        scale_out: state.scale_out || other.scale_out,
        scheduled: state.scheduled || other.scheduled,
    }
}

/// Notes what is to be suspended and is not, then suspends it. Whether there was anything to suspend.
pub(crate) async fn suspend(goal: &Goal<'_>, service: &Service) -> Result<bool> {
    let ports = goal.ports;
    let Some(target) = ports
        .scaling
        .find_scalable_target(&goal.wanted.service)
        .await?
    else {
        return Ok(false);
    };
    let state = during(target.suspended, goal.wanted.scaling);
    // What an earlier run has suspended is ours as well.
    let earlier = service.tags.get(SCALING_TAG);
    let ours = with(
        without(state, target.suspended),
        earlier.map(|note| noted(note)).unwrap_or_default(),
    );
    if earlier != Some(&note(ours)) {
        let tag = BTreeMap::from([(SCALING_TAG.to_owned(), note(ours))]);
        ports
            .services
            .change_tags(&service.arn, &tag, &BTreeSet::new())
            .await?;
    }
    if state != target.suspended {
        ports
            .scaling
            .set_suspended(&goal.wanted.service, state)
            .await?;
    }
    Ok(true)
}

/// Right before a rollout starts: a run that died (or lost an answer) between the note and the suspension
/// left scaling on.
pub(crate) async fn ensure_suspended(goal: &Goal<'_>, service: &Service) -> Result<()> {
    if goal.wanted.scaling == ScalingDuring::Keep || !service.tags.contains_key(SCALING_TAG) {
        return Ok(());
    }
    suspend(goal, service).await.map(|_| ())
}

/// Resumes what the note says, then takes the note away. A target that is gone needs nothing.
pub(crate) async fn resume(goal: &Goal<'_>, service: &Service) -> Result<()> {
    let ports = goal.ports;
    let Some(ours) = service.tags.get(SCALING_TAG) else {
        return Ok(());
    };
    let target = ports
        .scaling
        .find_scalable_target(&goal.wanted.service)
        .await?;
    if let Some(target) = target {
        let state = without(target.suspended, noted(ours));
        if state != target.suspended {
            ports
                .scaling
                .set_suspended(&goal.wanted.service, state)
                .await?;
        }
    }
    let key = BTreeSet::from([SCALING_TAG.to_owned()]);
    ports
        .services
        .change_tags(&service.arn, &BTreeMap::new(), &key)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_reads_as_it_was_written() {
        for bits in 0_u8..8 {
            let state = SuspendedState {
                scale_in: bits & 1 > 0,
                scale_out: bits & 2 > 0,
                scheduled: bits & 4 > 0,
            };
            assert_eq!(noted(&note(state)), state);
        }
        assert_eq!(note(SuspendedState::default()), "none");
    }

    #[test]
    fn what_was_suspended_before_stays_so_during_a_rollout() {
        let before = SuspendedState {
            scheduled: true,
            ..SuspendedState::default()
        };
        let during = during(before, ScalingDuring::SuspendIn);
        assert!(during.scale_in && during.scheduled && !during.scale_out);
    }
}
