//! What other files need to know of a file.

use hcl_edit::expr::Expression;
use jsonc_parser::ast::Object;

use super::{entries, labelled, list_bodies, text_of};
use crate::constraint;
use crate::shape::Shape;

/// What a file declares that others refer to.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// Variables and their types.
    pub(crate) variables: Vec<(String, Shape)>,
    /// Local names of providers and their sources.
    pub(crate) providers: Vec<(String, String)>,
}

/// Reads the types of variables, and the sources of providers.
pub(crate) fn declared(top: &Object<'_>) -> Declared {
    let mut found = Declared::default();
    for (kind, value) in entries(top) {
        match kind {
            "variable" => {
                let typed = labelled(value).into_iter().filter_map(|(name, body)| {
                    let of = read_constraint(body)?;
                    Some((name.to_owned(), constraint::shape(&of)))
                });
                found.variables.extend(typed);
            }
            "terraform" => {
                let settings = list_bodies(value).into_iter().flat_map(entries);
                let required = settings.filter(|(name, _)| *name == "required_providers");
                let sources = required
                    .flat_map(|(_, required)| labelled(required))
                    .filter_map(|(local, body)| {
                        Some((local.to_owned(), text_of(body, "source")?.to_owned()))
                    });
                found.providers.extend(sources);
            }
            _ => {}
        }
    }
    found
}

/// The type of a variable. It stands in a string.
pub(crate) fn read_constraint(variable: &Object<'_>) -> Option<Expression> {
    text_of(variable, "type")?.parse().ok()
}

/// Calls of modules that name a source: name and source.
pub(crate) fn list_calls(top: &Object<'_>) -> Vec<(String, String)> {
    let modules = entries(top).filter(|(kind, _)| *kind == "module");
    modules
        .flat_map(|(_, value)| labelled(value))
        .filter_map(|(name, body)| {
            let source = text_of(body, "source")?;
            Some((name.to_owned(), source.to_owned()))
        })
        .collect()
}
