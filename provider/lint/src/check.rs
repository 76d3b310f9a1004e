//! Compares the blocks of a module with schemas and types.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use crate::check_json;
use crate::constraint;
use crate::expression::{Seen, Unknown};
use crate::finding::Finding;
use crate::json;
use crate::known::Known;
use crate::module::{Module, ParsedFile, Syntax};
use crate::nearest::nearest;
use crate::schemas::{BlockShape, Kind};
use crate::shape::Shape;

/// What a module came to.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) findings: Vec<Finding>,
    pub(crate) objects: usize,
}

/// Compares every file of a module.
pub(crate) fn check(module: &Module, known: &Known<'_>) -> Checked {
    let mut checked = Checked::default();
    for file in &module.files {
        let mut seen = Seen::default();
        match &file.syntax {
            Syntax::Native(body) if file.is_values => values(&mut seen, body, module),
            Syntax::Native(body) => {
                for block in body.blocks() {
                    top(&mut seen, block, module, known);
                }
            }
            Syntax::Json => {
                // It was read before, when the module was.
                for top in json::parse(&file.text).unwrap_or_default() {
                    match file.is_values {
                        true => check_json::values(&mut seen, &top, module),
                        false => check_json::check(&mut seen, &top, module, known),
                    }
                }
            }
        }
        checked.objects += seen.objects;
        let unknown = seen.unknown.into_iter();
        checked
            .findings
            .extend(unknown.map(|unknown| finding(file, unknown)));
    }
    checked
}

/// A file of values of variables.
fn values(seen: &mut Seen, body: &Body, module: &Module) {
    for attribute in body.attributes() {
        let name = attribute.key.as_str();
        if let Some(shape) = module.variables.get(name) {
            seen.compare(&attribute.value, shape, &format!("var.{name}"));
        }
    }
}

/// A block at the top of a file, or in a `check` block.
fn top(seen: &mut Seen, block: &Block, module: &Module, known: &Known<'_>) {
    let label = |nth: usize| block.labels.get(nth).map(|label| label.as_str());
    match (block.ident.as_str(), label(0), label(1)) {
        ("resource", Some(of), Some(name)) => {
            described(
                seen,
                (block, of),
                module,
                known,
                (Kind::Resource, &format!("{of}.{name}")),
            );
        }
        ("data", Some(of), Some(name)) => {
            described(
                seen,
                (block, of),
                module,
                known,
                (Kind::Data, &format!("data.{of}.{name}")),
            );
        }
        ("ephemeral", Some(of), Some(name)) => {
            let place = format!("ephemeral.{of}.{name}");
            described(seen, (block, of), module, known, (Kind::Ephemeral, &place));
        }
        ("action", Some(of), Some(name)) => {
            let place = format!("action.{of}.{name}");
            let source = source(block, of, module);
            if let Some(shape) = known.schemas.block(&source, Kind::Action, of) {
                for config in block.body.get_blocks("config") {
                    body(seen, &config.body, &shape, &place);
                }
            }
        }
        ("provider", Some(local), _) => {
            let source = module.source(local);
            if let Some(shape) = known.schemas.provider(&source) {
                body(seen, &block.body, &shape, &format!("provider.{local}"));
            }
        }
        ("module", Some(name), _) => {
            let Some(variables) = known.calls.get(name) else {
                return;
            };
            for attribute in block.body.attributes() {
                let argument = attribute.key.as_str();
                if let Some(shape) = variables.get(argument) {
                    let place = format!("module.{name}.{argument}");
                    seen.compare(&attribute.value, shape, &place);
                }
            }
        }
        ("variable", Some(name), _) => variable(seen, block, name),
        ("check", _, _) => {
            for inner in block.body.blocks() {
                top(seen, inner, module, known);
            }
        }
        (_, _, _) => {}
    }
}

/// The defaults of a variable have its own type.
fn variable(seen: &mut Seen, block: &Block, name: &str) {
    let Some(of) = block.body.get_attribute("type") else {
        return;
    };
    let place = format!("var.{name}");
    if let Some(default) = block.body.get_attribute("default") {
        seen.compare(&default.value, &constraint::shape(&of.value), &place);
    }
    for (shape, default) in constraint::defaults(&of.value) {
        seen.compare(default, &shape, &format!("{place} (default)"));
    }
}

fn described(
    seen: &mut Seen,
    (block, of): (&Block, &str),
    module: &Module,
    known: &Known<'_>,
    (kind, place): (Kind, &str),
) {
    let source = source(block, of, module);
    if let Some(shape) = known.schemas.block(&source, kind, of) {
        body(seen, &block.body, &shape, place);
    }
}

/// The source of the provider of a block: the one it names, else the one that its type begins with.
fn source(block: &Block, of: &str, module: &Module) -> String {
    let named = block.body.get_attribute("provider");
    let named = named.and_then(|attribute| match &attribute.value {
        Expression::Variable(name) => Some(name.as_str()),
        Expression::Traversal(traversal) => {
            let alias = traversal.operators.iter().all(|operator| {
                matches!(
                    operator.value(),
                    TraversalOperator::GetAttr(_) | TraversalOperator::Index(_)
                )
            });
            match &traversal.expr {
                Expression::Variable(name) if alias => Some(name.as_str()),
                _ => None,
            }
        }
        _ => None,
    });
    let local = named.unwrap_or_else(|| of.split('_').next().unwrap_or(of));
    module.source(local)
}

/// What stands in a block. Names of arguments and blocks are Terraform's own to check.
fn body(seen: &mut Seen, body: &Body, shape: &BlockShape, place: &str) {
    for attribute in body.attributes() {
        let name = attribute.key.as_str();
        if let Some(shape) = shape.attributes.get(name) {
            seen.compare(&attribute.value, shape, &format!("{place}.{name}"));
        }
    }
    for block in body.blocks() {
        let label = block.labels.first().map(|label| label.as_str());
        match (block.ident.as_str(), label) {
            ("dynamic", Some(name)) => {
                for content in block.body.get_blocks("content") {
                    nested(seen, &content.body, (name, shape), place);
                }
            }
            (name, _) => nested(seen, &block.body, (name, shape), place),
        }
    }
}

/// A block in a block. Some attributes of lists of objects may be written as blocks, too.
fn nested(seen: &mut Seen, inner: &Body, (name, outer): (&str, &BlockShape), place: &str) {
    let place = format!("{place}.{name}");
    if let Some(shape) = outer.blocks.get(name) {
        body(seen, inner, shape, &place);
        return;
    }
    if let Some(Shape::Each(of)) = outer.attributes.get(name)
        && let Shape::Object(members) = of.as_ref()
    {
        let shape = BlockShape {
            attributes: members.clone(),
            blocks: BTreeMap::new(),
        };
        body(seen, inner, &shape, &place);
    }
}

fn finding(file: &ParsedFile, unknown: Unknown) -> Finding {
    let (line, column) = position(&file.text, unknown.at.start);
    let names = unknown.known.iter().map(String::as_str);
    Finding {
        file: file.name.clone(),
        line,
        column,
        nearest: nearest(&unknown.key, names).map(str::to_owned),
        key: unknown.key,
        place: unknown.place,
        known: unknown.known,
    }
}

/// Line and column of a byte, from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}
