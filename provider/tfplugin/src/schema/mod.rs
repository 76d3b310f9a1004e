//! Schemas as values: what a provider tells Terraform about its configuration and state.
//!
//! A schema is plain data built with a fluent builder. Every rule in it (presence, default, validator,
//! replace rule) can be read back, because three other things are made from the same value: the message
//! Terraform receives, the checks and plan stages this crate runs, and the documentation.
//!
//! ```
//! use tfplugin::schema::{Attribute, Schema, validators};
//! use tfplugin::value::Value;
//!
//! let schema = Schema::new(0)
//!     .description("A note.")
//!     .attribute(Attribute::string("id").computed().use_state_for_unknown().description("Identifier."))
//!     .attribute(
//!         Attribute::string("title")
//!             .required()
//!             .requires_replace()
//!             .validator(validators::length_between(1, 80))
//!             .description("Headline."),
//!     )
//!     .attribute(Attribute::bool("pinned").default(Value::Bool(false)).description("Keep on top."));
//! assert_eq!(schema.block.attributes.len(), 3);
//! ```

mod attribute;
mod block;
mod identity;
mod plan_rules;
mod shape;
mod validate;
pub mod validators;
mod wire;

pub use attribute::{Attribute, AttributeKind, Nesting, Presence};
pub use block::{Block, BlockNesting, NestedBlock, Schema};
pub use identity::{IdentityAttribute, IdentitySchema};
pub use plan_rules::{PlanRules, ReplaceContext, ReplaceRule};
#[doc(hidden)]
pub use shape::read_blocks;
pub use shape::{Attributes, BlockShape, Defaulted, Shape};
pub use tfplugin_derive::Attributes;
pub use validators::{Validator, Violation};
pub(crate) use wire::signature;

#[cfg(test)]
mod tests;
