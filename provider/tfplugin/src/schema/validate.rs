//! Checks a configuration against the rules of its schema.
//!
//! Terraform itself has checked types, names and block counts before. What is left: values the schema calls
//! required but that are null by expression, validators, deprecation, write-only attributes on a Terraform
//! that cannot keep them out of its state. Unknown values pass: they are checked when they are known.

use super::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting, Presence, Schema,
    Violation,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::provider::ClientCapabilities;
use crate::value::{Path, Value};

impl Schema {
    /// Checks a configuration; the paths in the messages start at the configuration itself.
    #[must_use]
    pub fn check(&self, config: &Value, capabilities: ClientCapabilities) -> Diagnostics {
        let mut check = Check {
            capabilities,
            found: Diagnostics::none(),
        };
        check.block(&self.block, config, &Path::root());
        check.found
    }
}

struct Check {
    capabilities: ClientCapabilities,
    found: Diagnostics,
}

impl Check {
    fn block(&mut self, block: &Block, value: &Value, path: &Path) {
        if value.is_null() || value.is_unknown() {
            return;
        }
        if let (Some(instead), true) = (&block.deprecation, !path.is_root()) {
            self.found.push(
                Diagnostic::warning(format!("`{path}` is deprecated"), instead.clone())
                    .at(path.clone()),
            );
        }
        for attribute in &block.attributes {
            self.attribute(
                attribute,
                value.attribute(&attribute.name),
                &path.clone().attribute(&attribute.name),
            );
        }
        for nested in &block.blocks {
            self.nested_block(
                nested,
                value.attribute(&nested.name),
                &path.clone().attribute(&nested.name),
            );
        }
    }

    fn nested_block(&mut self, nested: &NestedBlock, value: &Value, path: &Path) {
        match nested.nesting {
            BlockNesting::Single | BlockNesting::Group => self.block(&nested.block, value, path),
            BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
                for (element, at) in elements(value, path) {
                    self.block(&nested.block, element, &at);
                }
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        if value.is_unknown() {
            return;
        }
        if value.is_null() {
            if attribute.presence == Presence::Required {
                self.found.push(missing(path));
            }
            return;
        }
        if attribute.write_only && !self.capabilities.write_only_attributes {
            self.found.push(write_only_unsupported(path));
        }
        if let Some(instead) = &attribute.deprecation {
            self.found.push(
                Diagnostic::warning(format!("`{path}` is deprecated"), instead.clone())
                    .at(path.clone()),
            );
        }
        for validator in &attribute.validators {
            if let Err(violation) = validator.check(value) {
                self.found
                    .push(invalid(attribute, &validator.describe(), violation, path));
            }
        }
        if let AttributeKind::Nested {
            nesting,
            attributes,
        } = &attribute.kind
        {
            match nesting {
                Nesting::Single => self.nested_attributes(attributes, value, path),
                Nesting::List | Nesting::Set | Nesting::Map => {
                    for (element, at) in elements(value, path) {
                        self.nested_attributes(attributes, element, &at);
                    }
                }
            }
        }
    }

    fn nested_attributes(&mut self, attributes: &[Attribute], value: &Value, path: &Path) {
        if value.is_null() || value.is_unknown() {
            return;
        }
        for attribute in attributes {
            self.attribute(
                attribute,
                value.attribute(&attribute.name),
                &path.clone().attribute(&attribute.name),
            );
        }
    }
}

/// The elements of a collection with their paths. Elements of a set have no address; their path is the
/// set's own, which is where Terraform then points.
fn elements<'a>(value: &'a Value, path: &Path) -> Vec<(&'a Value, Path)> {
    match value.inner() {
        Value::List(items) | Value::Tuple(items) => items
            .iter()
            .zip(0_i64..)
            .map(|(item, index)| (item, path.clone().index(index)))
            .collect(),
        Value::Set(items) => items.iter().map(|item| (item, path.clone())).collect(),
        Value::Map(items) | Value::Object(items) => items
            .iter()
            .map(|(key, item)| (item, path.clone().key(key)))
            .collect(),
        Value::Null
        | Value::Unknown(_)
        | Value::String(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Dynamic(_) => Vec::new(),
    }
}

fn missing(path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("`{path}` must be set"),
        format!("`{path}` is required, but the expression given for it is null. Give it a value."),
    )
    .at(path.clone())
}

fn write_only_unsupported(path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("`{path}` needs a newer Terraform"),
        format!(
            "`{path}` is a write-only attribute: its value must never be stored. This version of Terraform would \
             store it. Use Terraform 1.11 or newer, or OpenTofu 1.11 or newer, or leave the attribute out."
        ),
    )
    .at(path.clone())
}

fn invalid(attribute: &Attribute, demand: &str, violation: Violation, path: &Path) -> Diagnostic {
    let at: Path = path
        .steps()
        .iter()
        .chain(violation.path.steps())
        .cloned()
        .collect::<Path>();
    let demand = violation.rule.as_deref().unwrap_or(demand);
    let mut detail = format!("The value {demand}");
    if attribute.is_secret() {
        detail.push('.');
    } else {
        match violation.given {
            Some(given) => detail.push_str(&format!(", but it is {given}.")),
            None => detail.push('.'),
        }
        if let Some(cause) = violation.cause {
            detail.push_str(&format!(" {}.", capitalised(cause.trim_end_matches('.'))));
        }
    }
    Diagnostic::error(format!("Invalid value for `{}`", shown(&at)), detail).at(at)
}

fn shown(path: &Path) -> String {
    let text = path.to_string();
    if text.is_empty() {
        "configuration".to_owned()
    } else {
        text
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
