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
mod plan;
mod proposed;
mod schema;
mod shown;

#[cfg(test)]
mod tests;

use std::fmt;

pub use answer::{identity_known, replace_paths, wholly_known, write_only_null};
pub use compatible::compatible;
pub use plan::plan_valid;
pub use proposed::proposed_new;
pub use schema::{check_functions, check_identity, check_schema};

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting};
use crate::value::{Path, Value};

/// A broken rule: where, and which. The reasons are Terraform's own words, so
/// that they can be found in its documentation and issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The place in the value; elements of sets have the path of the set.
    pub path: Path,
    /// What is wrong there.
    pub reason: String,
}

impl Violation {
    fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            formatter.write_str(&self.reason)
        } else {
            write!(formatter, "{}: {}", self.path, self.reason)
        }
    }
}

/// The attributes and blocks of one object. Nested attributes have no blocks;
/// apart from that, Terraform treats both kinds of nesting by the same rules.
#[derive(Debug, Clone, Copy)]
struct Members<'a> {
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
}

impl<'a> Members<'a> {
    fn of_block(block: &'a Block) -> Self {
        Self {
            attributes: &block.attributes,
            blocks: &block.blocks,
        }
    }

    fn of_attributes(attributes: &'a [Attribute]) -> Self {
        Self {
            attributes,
            blocks: &[],
        }
    }

    /// Whether any part must not be quoted in messages.
    fn hold_secrets(self) -> bool {
        self.attributes.iter().any(holds_secrets)
            || self
                .blocks
                .iter()
                .any(|block| Self::of_block(&block.block).hold_secrets())
    }
}

fn holds_secrets(attribute: &Attribute) -> bool {
    attribute.is_secret() || Members::of_attributes(attribute.nested_attributes()).hold_secrets()
}

/// The nested attributes of an attribute and how they are arranged.
fn nested(attribute: &Attribute) -> Option<(Nesting, Members<'_>)> {
    match &attribute.kind {
        AttributeKind::Plain(_) => None,
        AttributeKind::Nested {
            nesting,
            attributes,
        } => Some((*nesting, Members::of_attributes(attributes))),
    }
}

/// How blocks of this nesting are arranged in a value.
fn arrangement(nesting: BlockNesting) -> Nesting {
    match nesting {
        BlockNesting::Single | BlockNesting::Group => Nesting::Single,
        BlockNesting::List => Nesting::List,
        BlockNesting::Set => Nesting::Set,
        BlockNesting::Map => Nesting::Map,
    }
}

/// The elements of a list, set or tuple; none for null and everything else.
fn elements(value: &Value) -> &[Value] {
    value.elements().unwrap_or_default()
}
