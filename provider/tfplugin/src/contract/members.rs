//! What an object is made of, for the rules that go through it.

use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting};
use crate::value::Value;

/// The attributes and blocks of one object. Nested attributes have no blocks;
/// apart from that, Terraform treats both kinds of nesting by the same rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a> {
    pub(super) attributes: &'a [Attribute],
    pub(super) blocks: &'a [NestedBlock],
}

impl<'a> Members<'a> {
    pub(super) fn of_block(block: &'a Block) -> Self {
        Self {
            attributes: &block.attributes,
            blocks: &block.blocks,
        }
    }

    pub(super) fn of_attributes(attributes: &'a [Attribute]) -> Self {
        Self {
            attributes,
            blocks: &[],
        }
    }

    /// Whether any part must not be quoted in messages.
    pub(super) fn hold_secrets(self) -> bool {
        self.attributes.iter().any(holds_secrets)
            || self
                .blocks
                .iter()
                .any(|block| Self::of_block(&block.block).hold_secrets())
    }
}

pub(super) fn holds_secrets(attribute: &Attribute) -> bool {
    attribute.is_secret() || Members::of_attributes(attribute.nested_attributes()).hold_secrets()
}

/// The nested attributes of an attribute and how they are arranged.
pub(super) fn nested(attribute: &Attribute) -> Option<(Nesting, Members<'_>)> {
    match &attribute.kind {
        AttributeKind::Plain(_) => None,
        AttributeKind::Nested {
            nesting,
            attributes,
        } => Some((*nesting, Members::of_attributes(attributes))),
    }
}

/// How blocks of this nesting are arranged in a value.
pub(super) fn arrangement(nesting: BlockNesting) -> Nesting {
    match nesting {
        BlockNesting::Single | BlockNesting::Group => Nesting::Single,
        BlockNesting::List => Nesting::List,
        BlockNesting::Set => Nesting::Set,
        BlockNesting::Map => Nesting::Map,
    }
}

/// The elements of a list, set or tuple; none for null and everything else.
pub(super) fn elements(value: &Value) -> &[Value] {
    value.elements().unwrap_or_default()
}
