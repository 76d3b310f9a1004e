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
use crate::value::{Path, Type, Value};

impl Schema {
    /// Checks a configuration; the paths in the messages start at the configuration itself.
    #[must_use]
    pub fn check(&self, config: &Value, capabilities: ClientCapabilities) -> Diagnostics {
        let mut check = Check {
            capabilities,
            code: self.code.as_deref(),
            found: Diagnostics::none(),
        };
        check.block(&self.block, config, &Path::root());
        check.found
    }
}

struct Check<'s> {
    code: Option<&'s str>,
    capabilities: ClientCapabilities,
    found: Diagnostics,
}

impl Check<'_> {
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
                self.refuse(missing(path));
            }
            return;
        }
        if attribute.write_only && !self.capabilities.write_only_attributes {
            self.refuse(write_only_unsupported(path));
        }
        if let Some(instead) = &attribute.deprecation {
            self.found.push(
                Diagnostic::warning(format!("`{path}` is deprecated"), instead.clone())
                    .at(path.clone()),
            );
        }
        self.content(attribute, value, path);
        for validator in &attribute.validators {
            if let Err(violation) = validator.check(value) {
                self.refuse(invalid(attribute, &validator.describe(), violation, path));
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

    /// What no validator has to say again: no element is null, and no text has control characters.
    fn content(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        let is_plain = match &attribute.kind {
            AttributeKind::Plain(Type::Dynamic) => return,
            AttributeKind::Plain(_) => true,
            AttributeKind::Nested { nesting, .. } => {
                if *nesting == Nesting::Single {
                    return;
                }
                false
            }
        };
        if let (false, Value::String(text)) = (attribute.any_text, value.inner()) {
            self.text(attribute, text, path);
        }
        if let (false, Value::Map(items)) = (attribute.any_text, value.inner()) {
            for key in items.keys() {
                self.text(attribute, key, path);
            }
        }
        for (element, at) in elements(value, path) {
            // An attribute of an object may be absent.
            let is_member = matches!(value.inner(), Value::Object(_));
            if element.is_null() && !is_member && !attribute.null_elements {
                self.refuse(null_element(path, &at));
            } else if is_plain && !element.is_null() && !element.is_unknown() {
                self.content(attribute, element, &at);
            }
        }
    }

    fn text(&mut self, attribute: &Attribute, text: &str, path: &Path) {
        if text.chars().any(is_control) {
            let mut violation = Violation::of(&Value::String(text.to_owned()));
            violation.cause = Some(
                "Often a line break comes from a file: `trimspace(…)` or `chomp(…)` removes it"
                    .to_owned(),
            );
            let demand = "must have no line breaks and no other control characters";
            self.refuse(invalid(attribute, demand, violation, path));
        }
    }

    fn refuse(&mut self, mut diagnostic: Diagnostic) {
        if let Some(code) = self.code {
            diagnostic.detail.push_str(&format!("\n\nCode {code}."));
        }
        self.found.push(diagnostic);
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

/// Line and paragraph separators count: what shows them breaks the line, too.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn null_element(collection: &Path, at: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("`{at}` must not have null as an element"),
        format!(
            "An element of `{collection}` is null, which has no meaning there. Remove the element, for example with \
             a condition in a `for` expression, or set a value."
        ),
    )
    .at(at.clone())
}

fn missing(path: &Path) -> Diagnostic {
    Diagnostic::error(
        format!("`{path}` must be set"),
        format!("`{path}` is required, but its expression is null. Set a value."),
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
    Diagnostic::error(format!("Invalid value for `{}`", show_path(&at)), detail).at(at)
}

fn show_path(path: &Path) -> String {
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
