//! `region`, which every resource has.

use super::table::{NOTHING, rule};
use super::{Class, DriftRule, ExpectedBy};

pub(super) const SNAPSHOT: &str = "switchyard_deployment_snapshot";
pub(super) const MIGRATION: &str = "switchyard_migration_task";

pub(super) const GROUP: &str = "switchyard_service_group";

/// An object never changes its region. What differs is a state that was written before there was the attribute.
pub(super) const fn named(id: &'static str, resource_type: &'static str) -> DriftRule {
    let meaning = "The state names the region now, which it did not before.";
    let aws = Class::Expected(ExpectedBy::Aws);
    DriftRule {
        resource_type,
        ..rule(id, "region", aws, meaning, NOTHING)
    }
}

/// Resources of which nothing else can differ.
pub(super) const OTHERS: &[DriftRule] = &[
    named("snapshot.region", SNAPSHOT),
    named("migration.region", MIGRATION),
    named("group.region", GROUP),
];
