//! Configuration as Terraform hands it to a provider.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema::{Attribute, AttributeKind, Block, BlockNesting, Nesting, Presence};
use crate::value::{Path, Value};

/// The configuration with everything that was left out: null attributes, empty block collections, also
/// inside nested attributes and blocks. What is not in the schema stays, to be found by the codec.
#[must_use]
pub fn complete(block: &Block, config: Value) -> Value {
    let Value::Object(mut given) = config else {
        return config;
    };
    for attribute in &block.attributes {
        let value = given.remove(&attribute.name).unwrap_or(Value::Null);
        given.insert(attribute.name.clone(), complete_attribute(attribute, value));
    }
    for nested in &block.blocks {
        let value = given
            .remove(&nested.name)
            .unwrap_or_else(|| nested.absent_value());
        let value = match nested.nesting {
            BlockNesting::Single | BlockNesting::Group => complete(&nested.block, value),
            BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                each(value, &|element| complete(&nested.block, element))
            }
        };
        given.insert(nested.name.clone(), value);
    }
    Value::Object(given)
}

fn complete_attribute(attribute: &Attribute, value: Value) -> Value {
    let AttributeKind::Nested {
        nesting,
        attributes,
    } = &attribute.kind
    else {
        return value;
    };
    let block = Block {
        attributes: attributes.clone(),
        ..Block::default()
    };
    match nesting {
        Nesting::Single => complete(&block, value),
        Nesting::List | Nesting::Set | Nesting::Map => {
            each(value, &|element| complete(&block, element))
        }
    }
}

fn each(value: Value, change: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(change).collect()),
        Value::Set(items) => Value::Set(items.into_iter().map(change).collect()),
        Value::Map(items) => Value::Map(
            items
                .into_iter()
                .map(|(key, item)| (key, change(item)))
                .collect(),
        ),
        other => other,
    }
}

/// What Terraform refuses before it asks the provider.
pub(super) fn refused(block: &Block, config: &Value) -> Diagnostics {
    let mut found = Diagnostics::none();
    search(&block.attributes, config, &Path::root(), &mut found);
    found
}

fn search(attributes: &[Attribute], config: &Value, path: &Path, found: &mut Diagnostics) {
    for attribute in attributes {
        let value = config.attribute(&attribute.name);
        let at = path.clone().attribute(&attribute.name);
        if value.is_null() {
            continue;
        }
        if attribute.presence == Presence::Computed {
            found.push(
                Diagnostic::error(
                    "Value for unconfigurable attribute",
                    format!("Can't configure a value for \"{at}\": its value will be decided automatically."),
                )
                .at(at),
            );
            continue;
        }
        if let AttributeKind::Nested {
            nesting: Nesting::Single,
            attributes,
        } = &attribute.kind
        {
            search(attributes, value, &at, found);
        }
    }
}
