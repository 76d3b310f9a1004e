//! Traffic over time in one line of text.

use jiff::SignedDuration;
use switchyard_engine::{DeploymentRecord, Share};

use crate::traffic;

const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One character for each slice of time; empty when AWS has shown no weights.
pub(crate) fn line(record: &DeploymentRecord, slices: u32) -> String {
    let stretches = traffic::stretches(record);
    if stretches.is_empty() || slices == 0 {
        return String::new();
    }
    let (from, to) = traffic::span(record);
    let all = to.duration_since(from);
    (0..slices)
        .filter_map(|nth| {
            // The middle of the slice.
            let part = f64::from(2 * nth + 1) / f64::from(2 * slices);
            let into = SignedDuration::try_from_secs_f64(all.as_secs_f64() * part).ok()?;
            let share = traffic::share_at(&stretches, from.checked_add(into).ok()?)?;
            Some(height(share))
        })
        .collect()
}

/// Nothing is a space, and whatever is there is seen.
fn height(share: Share) -> char {
    if share.is_none() {
        return '·';
    }
    let step = 100.0 / 8.0;
    let index = HEIGHTS
        .iter()
        .zip(1_u32..)
        .position(|(_, nth)| share.percent() <= step * f64::from(nth) + 0.01);
    let highest = HEIGHTS.len() - 1;
    HEIGHTS
        .get(index.unwrap_or(highest))
        .copied()
        .unwrap_or('█')
}
