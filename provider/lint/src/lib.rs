//! Keys that Terraform drops without a word.
//!
//! Terraform refuses unknown names of arguments and blocks. In the *value* of an argument it does not: where an object is
//! converted to the type of a nested attribute or of a module's variable, keys that the type does not know disappear
//! (hashicorp/terraform#33570). This crate compares each object that is written in a configuration with the type it is
//! converted to: from the schemas of all providers, and from the type constraints of the called modules.
//!
//! **Invariant.** What has no known type is not judged: `any`, an unknown function, a provider without a schema. Nothing else
//! is linted.
//!
//! **Invariant.** No program is started, no network; files are read through [`Folders`].

mod check;
mod check_json;
mod constraint;
mod expression;
mod finding;
mod json;
mod key;
mod known;
mod module;
mod nearest;
mod schemas;
mod shape;
mod walk;

pub use finding::{Fault, Finding, Outcome};
pub use module::{Folders, TextFile, is_configuration, is_read};
pub use schemas::{BadSchemas, Schemas};
pub use walk::lint;
