//! Which attributes of hashicorp/aws repeat what other resources say.

mod compute;
mod data;
mod identity;
mod names;
mod network;
mod pair;
mod policies;
mod storage;

pub(super) use pair::{Pair, PartOf};

/// All pairs, in the order of the guide.
pub(super) fn pairs() -> impl Iterator<Item = &'static Pair> {
    let tables = [
        identity::PAIRS,
        storage::PAIRS,
        network::PAIRS,
        compute::PAIRS,
        policies::PAIRS,
        data::PAIRS,
        names::PAIRS,
    ];
    tables.into_iter().flatten()
}

/// The rows of the guide's table: attributes of wholes, and the resources that account for them.
#[cfg(test)]
pub(super) fn guide_rows() -> impl Iterator<Item = String> {
    pairs().map(|pair| {
        let wholes = pair
            .wholes
            .iter()
            .map(|whole| format!("`{whole}.{}`", pair.attribute));
        let parts = pair
            .parts
            .iter()
            .map(|of| format!("`{}`", of.resource_type));
        let join = |mut names: Vec<String>| {
            names.dedup();
            names.join(", ")
        };
        format!("| {} | {} |", join(wholes.collect()), join(parts.collect()))
    })
}
