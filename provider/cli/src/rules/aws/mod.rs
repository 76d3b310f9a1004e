//! Rules for types of hashicorp/aws, by service. Only what the plan can show is judged.

mod audit;
mod compute;
mod containers;
mod data;
mod edge;
mod identity;
mod messaging;
mod network;
mod storage;

use super::Rule;

/// All of them, special ones first.
pub(super) fn tables() -> impl Iterator<Item = &'static Rule> {
    containers::RULES
        .iter()
        .chain(network::RULES)
        .chain(compute::RULES)
        .chain(data::RULES)
        .chain(storage::RULES)
        .chain(identity::RULES)
        .chain(messaging::RULES)
        .chain(edge::RULES)
        .chain(audit::RULES)
}
