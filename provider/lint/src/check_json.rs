//! Compares the blocks of a file in JSON syntax with schemas and types.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged as _;

use crate::constraint;
use crate::expression::Seen;
use crate::json::{
    entries, labelled, labelled_twice, list_bodies, read_constraint, text_of, value_of,
};
use crate::known::Known;
use crate::module::Module;
use crate::schemas::{BlockShape, Kind};

/// Compares what stands at the top of a file, or in a `check` block.
pub(crate) fn check(seen: &mut Seen, top: &Object<'_>, module: &Module, known: &Known<'_>) {
    for (kind, value) in entries(top) {
        match kind {
            "resource" => described(seen, value, module, known, (Kind::Resource, "")),
            "data" => described(seen, value, module, known, (Kind::Data, "data.")),
            "ephemeral" => described(seen, value, module, known, (Kind::Ephemeral, "ephemeral.")),
            "action" => described(seen, value, module, known, (Kind::Action, "action.")),
            "provider" => {
                for (local, inner) in labelled(value) {
                    if let Some(shape) = known.schemas.provider(&module.source(local)) {
                        body(seen, inner, &shape, &format!("provider.{local}"));
                    }
                }
            }
            "module" => called(seen, value, known),
            "variable" => {
                for (name, inner) in labelled(value) {
                    variable(seen, inner, name);
                }
            }
            "check" => {
                for (_, inner) in labelled(value) {
                    check(seen, inner, module, known);
                }
            }
            _ => {}
        }
    }
}

/// A file of values of variables.
pub(crate) fn values(seen: &mut Seen, top: &Object<'_>, module: &Module) {
    for (name, value) in entries(top) {
        if let Some(shape) = module.variables.get(name) {
            seen.compare_json(value, shape, &format!("var.{name}"));
        }
    }
}

fn called(seen: &mut Seen, value: &Value<'_>, known: &Known<'_>) {
    for (name, inner) in labelled(value) {
        let Some(variables) = known.calls.get(name) else {
            continue;
        };
        for (argument, value) in entries(inner) {
            if let Some(shape) = variables.get(argument) {
                seen.compare_json(value, shape, &format!("module.{name}.{argument}"));
            }
        }
    }
}

/// The defaults of a variable have its own type.
fn variable(seen: &mut Seen, inner: &Object<'_>, name: &str) {
    let Some(of) = read_constraint(inner) else {
        return;
    };
    let place = format!("var.{name}");
    if let Some(default) = value_of(inner, "default") {
        seen.compare_json(default, &constraint::shape(&of), &place);
    }
    // What is written in the type stands in a string: its place is that of the string.
    let Some(at) = value_of(inner, "type").map(|of| of.range()) else {
        return;
    };
    let before = seen.unknown.len();
    for (shape, default) in constraint::defaults(&of) {
        seen.compare(default, &shape, &format!("{place} (default)"));
    }
    for unknown in seen.unknown.iter_mut().skip(before) {
        unknown.at = at.start..at.end;
    }
}

fn described(
    seen: &mut Seen,
    value: &Value<'_>,
    module: &Module,
    known: &Known<'_>,
    (kind, prefix): (Kind, &str),
) {
    for (of, name, inner) in labelled_twice(value) {
        let source = module.source(local_provider(inner, of));
        let Some(shape) = known.schemas.block(&source, kind, of) else {
            continue;
        };
        let place = format!("{prefix}{of}.{name}");
        match kind {
            Kind::Action => {
                for config in value_of(inner, "config").map_or_else(Vec::new, list_bodies) {
                    body(seen, config, &shape, &place);
                }
            }
            Kind::Data | Kind::Ephemeral | Kind::Resource => body(seen, inner, &shape, &place),
        }
    }
}

/// The name of the provider of a block: the one it names, else the one that its type begins with.
fn local_provider<'o>(inner: &'o Object<'_>, of: &'o str) -> &'o str {
    let named = text_of(inner, "provider").map(|named| {
        // Terraform reads both `aws.west` and `${aws.west}`.
        let bare = named.strip_prefix("${").and_then(|it| it.strip_suffix('}'));
        bare.unwrap_or(named)
    });
    match named {
        Some(named) => named.split('.').next().unwrap_or(named),
        None => of.split('_').next().unwrap_or(of),
    }
}

/// What stands in a block. Names of arguments and blocks are Terraform's own to check.
fn body(seen: &mut Seen, inner: &Object<'_>, shape: &BlockShape, place: &str) {
    for (name, value) in entries(inner) {
        match (shape.attributes.get(name), shape.blocks.get(name)) {
            (Some(of), _) => seen.compare_json(value, of, &format!("{place}.{name}")),
            (None, Some(of)) => {
                for block in list_bodies(value) {
                    body(seen, block, of, &format!("{place}.{name}"));
                }
            }
            (None, None) if name == "dynamic" => dynamic(seen, value, shape, place),
            (None, None) => {}
        }
    }
}

fn dynamic(seen: &mut Seen, value: &Value<'_>, outer: &BlockShape, place: &str) {
    for (name, block) in labelled(value) {
        let Some(of) = outer.blocks.get(name) else {
            continue;
        };
        for content in value_of(block, "content").map_or_else(Vec::new, list_bodies) {
            body(seen, content, of, &format!("{place}.{name}"));
        }
    }
}
