//! Terraform's own rules, as functions.
//!
//! Terraform checks every answer of a provider and fails the user's run when a
//! rule is broken. The same rules stand here, so that a provider can check its
//! answers before it sends them, and tests need no Terraform:
//!
//! | function | rule |
//! |---|---|
//! | [`check_schema`], [`check_identity`], [`check_functions`] | what a schema may look like |
//! | [`proposed_new`] | how Terraform merges prior state and configuration |
//! | [`plan_valid`] | which plans follow from a configuration |
//! | [`compatible`] | which results, and which later plans, keep a plan's word |
//! | [`write_only_null`], [`wholly_known`], [`identity_known`], [`replace_paths`] | what no answer may contain |
//!
//! Where Terraform trusts the provider because it cannot tell (elements of sets
//! of nested attributes), these functions look closer; nothing they let pass is
//! refused by Terraform.

mod answer;
mod compatible;
mod matching;
mod members;
mod plan;
mod proposed;
mod schema;
mod shown;
mod violation;

#[cfg(test)]
mod tests;

pub use answer::{identity_known, replace_paths, wholly_known, write_only_null};
pub use compatible::compatible;
pub use plan::plan_valid;
pub use proposed::proposed_new;
pub use schema::{check_functions, check_identity, check_schema};
pub use violation::Violation;
