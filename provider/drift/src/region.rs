//! `region`, which every resource has.

use super::{Class, DriftCondition, DriftRule, ExpectedBy};

pub(super) const SNAPSHOT: &str = "switchyard_deployment_snapshot";
pub(super) const MIGRATION: &str = "switchyard_migration_task";

/// An object never changes its region. What differs is a state that was written before there was the attribute.
pub(super) const fn named(id: &'static str, resource_type: &'static str) -> DriftRule {
    DriftRule {
        id,
        resource_type,
        attribute: "region",
        when: DriftCondition::Always,
        class: Class::Expected(ExpectedBy::Aws),
        meaning: "The state names the region now, which it did not before.",
        remedy: "Nothing to do.",
    }
}

/// Resources of which nothing else can differ.
pub(super) const OTHERS: &[DriftRule] = &[
    named("snapshot.region", SNAPSHOT),
    named("migration.region", MIGRATION),
];
