//! A row of the table, and what many rows have in common.

use crate::accounts::form::Take;

/// An attribute of a whole, and the resources that account for it.
#[derive(Debug)]
pub(in crate::accounts) struct Pair {
    pub(in crate::accounts) wholes: &'static [&'static str],
    pub(in crate::accounts) attribute: &'static str,
    pub(in crate::accounts) take: Take,
    pub(in crate::accounts) parts: &'static [PartOf],
}

/// A type that is part of a whole.
#[derive(Debug)]
pub(in crate::accounts) struct PartOf {
    pub(in crate::accounts) resource_type: &'static str,
    /// Its attribute that names the whole.
    pub(in crate::accounts) refers: &'static str,
    /// Attributes of the whole that it may be named by.
    pub(in crate::accounts) names: &'static [&'static str],
    pub(in crate::accounts) take: Take,
}

pub(super) const fn part(
    resource_type: &'static str,
    refers: &'static str,
    names: &'static [&'static str],
    take: Take,
) -> PartOf {
    PartOf {
        resource_type,
        refers,
        names,
        take,
    }
}

pub(super) const ID: &[&str] = &["id"];
pub(super) const NAME: &[&str] = &["name", "id"];
pub(super) const ARN: &[&str] = &["arn", "id"];

pub(super) const POLICY: Take = Take::Each("policy");
