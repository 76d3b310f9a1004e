//! The JSON syntax of configurations: the same blocks, written as objects.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>: labels of a block are nested objects, blocks that may
//! be repeated are lists, and a key `//` where a body is expected is a comment.

mod compare;
mod read;

pub(crate) use read::{Declared, declared, list_calls, read_constraint};

use std::iter::once;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// JSON and nothing beyond it.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The objects at the top of a file: Terraform takes one, or a list of them.
pub(crate) fn parse(text: &str) -> Result<Vec<Object<'_>>, ParseError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT)?;
    Ok(match parsed.value {
        Some(Value::Object(object)) => vec![object],
        Some(Value::Array(array)) => {
            let each = array.elements.into_iter();
            each.filter_map(|element| match element {
                Value::Object(object) => Some(object),
                _ => None,
            })
            .collect()
        }
        Some(_) | None => Vec::new(),
    })
}

/// The bodies in a value: of one block, or of a list of them.
pub(crate) fn list_bodies<'v, 't>(value: &'v Value<'t>) -> Vec<&'v Object<'t>> {
    let all: Box<dyn Iterator<Item = &'v Value<'t>>> = match value {
        Value::Array(array) => Box::new(array.elements.iter()),
        value => Box::new(once(value)),
    };
    all.filter_map(Value::as_object).collect()
}

/// What a body says: names and values, without comments.
pub(crate) fn entries<'o, 't>(
    object: &'o Object<'t>,
) -> impl Iterator<Item = (&'o str, &'o Value<'t>)> {
    let each = object.properties.iter();
    each.map(|property| (property.name.as_str(), &property.value))
        .filter(|(name, _)| *name != "//")
}

/// The blocks below one label, each with it.
pub(crate) fn labelled<'v, 't>(value: &'v Value<'t>) -> Vec<(&'v str, &'v Object<'t>)> {
    let labels = list_bodies(value).into_iter().flat_map(entries);
    labels
        .flat_map(|(label, value)| {
            list_bodies(value)
                .into_iter()
                .map(move |body| (label, body))
        })
        .collect()
}

/// The blocks below two labels, each with them.
pub(crate) fn labelled_twice<'v, 't>(
    value: &'v Value<'t>,
) -> Vec<(&'v str, &'v str, &'v Object<'t>)> {
    let labels = list_bodies(value).into_iter().flat_map(entries);
    labels
        .flat_map(|(first, value)| {
            let inner = labelled(value).into_iter();
            inner.map(move |(second, body)| (first, second, body))
        })
        .collect()
}

pub(crate) fn value_of<'o, 't>(object: &'o Object<'t>, name: &str) -> Option<&'o Value<'t>> {
    object.get(name).map(|property| &property.value)
}

pub(crate) fn text_of<'o>(object: &'o Object<'_>, name: &str) -> Option<&'o str> {
    let text = value_of(object, name)?.as_string_lit()?;
    Some(text.value.as_ref())
}
