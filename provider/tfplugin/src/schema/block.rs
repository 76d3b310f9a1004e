//! Blocks, and the schema that is one block with a version.

use std::collections::BTreeMap;

use super::attribute::{Attribute, attribute_types};
use crate::value::{Type, Value};

/// A versioned block: the schema of a provider, resource, data source, list, action.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Stored with every object in the state; raise it when stored objects need an upgrade. Not negative.
    pub version: i64,
    /// Ends the message about a value that breaks a rule of this schema, such as `Code X1`. Nothing when absent.
    pub code: Option<String>,
    /// The content.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Markdown.
    pub description: String,
    /// What to use instead, when the whole block is on its way out.
    pub deprecation: Option<String>,
    /// In the order of the documentation.
    pub attributes: Vec<Attribute>,
    /// In the order of the documentation.
    pub blocks: Vec<NestedBlock>,
}

/// A block inside a block (`name { … }` in configuration).
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// The block type name.
    pub name: String,
    /// How many there are and how they are keyed.
    pub nesting: BlockNesting,
    /// The content of one block.
    pub block: Block,
    /// Lists and sets: at least this many. Single: 1 makes it mandatory.
    pub min_items: u32,
    /// Lists and sets: at most this many; 0 is unlimited. Single: must equal `min_items`.
    pub max_items: u32,
}

/// How nested blocks are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockNesting {
    /// At most one; null when absent.
    Single,
    /// At most one; an object of nulls when absent.
    Group,
    /// Ordered; empty when absent.
    List,
    /// Unordered; empty when absent.
    Set,
    /// Keyed by label; empty when absent.
    Map,
}

impl Schema {
    /// An empty schema of a version; 0 for the first one.
    #[must_use]
    pub fn new(version: i64) -> Self {
        Self {
            version,
            code: None,
            block: Block::default(),
        }
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.block.description = markdown.into();
        self
    }

    /// Ends the message about a value that breaks a rule with `Code …`, under which users find more about it.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Warns whoever uses it; `instead` says what to do.
    #[must_use]
    pub fn deprecated(mut self, instead: impl Into<String>) -> Self {
        self.block.deprecation = Some(instead.into());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.block.attributes.push(attribute);
        self
    }

    /// Adds several attributes.
    #[must_use]
    pub fn attributes(mut self, attributes: impl IntoIterator<Item = Attribute>) -> Self {
        self.block.attributes.extend(attributes);
        self
    }

    /// Adds a nested block.
    #[must_use]
    pub fn block(mut self, block: NestedBlock) -> Self {
        self.block.blocks.push(block);
        self
    }

    /// The object type every value of this schema has.
    #[must_use]
    pub fn value_type(&self) -> Type {
        self.block.value_type()
    }

    /// An object with the given attributes set and everything else absent: null attributes, empty block
    /// collections. What an import starts from. Names that are not in the schema are ignored.
    #[must_use]
    pub fn stub<N: Into<String>>(&self, set: impl IntoIterator<Item = (N, Value)>) -> Value {
        let mut object = self.block.absent_members();
        for (name, value) in set {
            let name = name.into();
            if let Some(slot) = object.get_mut(&name) {
                *slot = value;
            }
        }
        Value::Object(object)
    }
}

impl Block {
    /// The object type implied by the attributes and blocks.
    #[must_use]
    pub fn value_type(&self) -> Type {
        let mut members = attribute_types(&self.attributes);
        for block in &self.blocks {
            members.insert(block.name.clone(), block.value_type());
        }
        Type::Object(members)
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    /// The nested block of that name.
    #[must_use]
    pub fn nested_block(&self, name: &str) -> Option<&NestedBlock> {
        self.blocks.iter().find(|block| block.name == name)
    }

    pub(crate) fn absent_members(&self) -> BTreeMap<String, Value> {
        let mut members: BTreeMap<String, Value> = self
            .attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), Value::Null))
            .collect();
        for block in &self.blocks {
            members.insert(block.name.clone(), block.absent_value());
        }
        members
    }
}

impl NestedBlock {
    /// A block type; `block` is the content.
    #[must_use]
    pub fn new(name: impl Into<String>, nesting: BlockNesting, block: Block) -> Self {
        Self {
            name: name.into(),
            nesting,
            block,
            min_items: 0,
            max_items: 0,
        }
    }

    /// At most one block.
    #[must_use]
    pub fn single(name: impl Into<String>, attributes: Vec<Attribute>) -> Self {
        Self::new(
            name,
            BlockNesting::Single,
            Block {
                attributes,
                ..Block::default()
            },
        )
    }

    /// Ordered blocks.
    #[must_use]
    pub fn list(name: impl Into<String>, attributes: Vec<Attribute>) -> Self {
        Self::new(
            name,
            BlockNesting::List,
            Block {
                attributes,
                ..Block::default()
            },
        )
    }

    /// Unordered blocks.
    #[must_use]
    pub fn set(name: impl Into<String>, attributes: Vec<Attribute>) -> Self {
        Self::new(
            name,
            BlockNesting::Set,
            Block {
                attributes,
                ..Block::default()
            },
        )
    }

    /// Adds a block inside this one.
    #[must_use]
    pub fn block(mut self, block: Self) -> Self {
        self.block.blocks.push(block);
        self
    }

    /// Markdown for the documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.block.description = markdown.into();
        self
    }

    /// Warns whoever uses it; `instead` says what to do.
    #[must_use]
    pub fn deprecated(mut self, instead: impl Into<String>) -> Self {
        self.block.deprecation = Some(instead.into());
        self
    }

    /// Lists and sets: how many are allowed; a `max` of 0 is unlimited.
    #[must_use]
    pub fn items(mut self, min: u32, max: u32) -> Self {
        self.min_items = min;
        self.max_items = max;
        self
    }

    /// Single: the block must be there.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.min_items = 1;
        if self.nesting == BlockNesting::Single {
            self.max_items = 1;
        }
        self
    }

    /// The type of all blocks of this name together.
    #[must_use]
    pub fn value_type(&self) -> Type {
        let object = self.block.value_type();
        match self.nesting {
            BlockNesting::Single | BlockNesting::Group => object,
            // A list or map must have one element type; with a dynamic attribute inside it has not, so
            // Terraform falls back to the structural types.
            BlockNesting::List if object.contains_dynamic() => Type::Dynamic,
            BlockNesting::Map if object.contains_dynamic() => Type::Dynamic,
            BlockNesting::List => Type::List(Box::new(object)),
            BlockNesting::Set => Type::Set(Box::new(object)),
            BlockNesting::Map => Type::Map(Box::new(object)),
        }
    }

    pub(crate) fn absent_value(&self) -> Value {
        match self.nesting {
            BlockNesting::List if self.value_type() == Type::Dynamic => {
                Value::dynamic(Type::Tuple(Vec::new()), Value::Tuple(Vec::new()))
            }
            BlockNesting::Map if self.value_type() == Type::Dynamic => Value::dynamic(
                Type::Object(BTreeMap::new()),
                Value::Object(BTreeMap::new()),
            ),
            BlockNesting::Single => Value::Null,
            BlockNesting::Group => Value::Object(self.block.absent_members()),
            BlockNesting::List => Value::List(Vec::new()),
            BlockNesting::Set => Value::Set(Vec::new()),
            BlockNesting::Map => Value::Map(BTreeMap::new()),
        }
    }
}
