//! Reference pages, printed from the schemas and the example files, in the layout registries read.
//!
//! [`reference()`] is a pure function: reading the examples and writing the pages is the caller's affair.
//! Everything on a page comes from the schema value itself (presence, type, default, validators, replace
//! rules), so a page cannot say something the provider does not do.
//!
//! | page | examples |
//! |---|---|
//! | `index.md` | `provider/*.tf` |
//! | `resources/NAME.md` | `resources/TYPE/*.tf`, `import.sh`, `import-by-string-id.tf`, `import-by-identity.tf` |
//! | `data-sources/NAME.md` | `data-sources/TYPE/*.tf` |
//! | `functions/NAME.md` | `functions/NAME/*.tf` |
//! | `ephemeral-resources/NAME.md` | `ephemeral-resources/TYPE/*.tf` |
//! | `list-resources/NAME.md` | `list-resources/TYPE/*.tfquery.hcl` |
//! | `actions/NAME.md` | `actions/TYPE/*.tf` |
//!
//! `NAME` is the type name without the provider's own name in front. `import*` files are never examples.

mod examples;
mod functions;
mod page;
mod schema;
mod words;

use std::collections::BTreeMap;

use crate::provider::Provider;
use crate::schema::{IdentitySchema, Schema};

/// What the pages need beside the schemas.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The provider's local name, the prefix of its type names.
    pub provider: String,
    /// Example files: path below the examples folder → content.
    pub examples: BTreeMap<String, String>,
    /// Type or function name → heading it is listed under.
    pub subcategories: BTreeMap<String, String>,
}

/// One thing with a schema.
#[derive(Debug)]
struct Entry<'a> {
    kind: Kind,
    type_name: &'a str,
    schema: &'a Schema,
    identity: Option<&'a IdentitySchema>,
}

/// What kinds of pages there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Resource,
    DataSource,
    Ephemeral,
    List,
    Action,
    Function,
}

impl Kind {
    /// Folder of pages and of examples.
    fn folder(self) -> &'static str {
        match self {
            Self::Resource => "resources",
            Self::DataSource => "data-sources",
            Self::Ephemeral => "ephemeral-resources",
            Self::List => "list-resources",
            Self::Action => "actions",
            Self::Function => "functions",
        }
    }

    /// As in page titles.
    fn title(self) -> &'static str {
        match self {
            Self::Resource => "Resource",
            Self::DataSource => "Data Source",
            Self::Ephemeral => "Ephemeral Resource",
            Self::List => "List Resource",
            Self::Action => "Action",
            Self::Function => "function",
        }
    }
}

/// All pages: path below the documentation folder → Markdown.
#[must_use]
pub fn reference<P: Provider>(provider: &P, book: &Book) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    pages.insert("index.md".to_owned(), page::index(&provider.schema(), book));
    let mut add =
        |kind: Kind, type_name: &str, schema: &Schema, identity: Option<&IdentitySchema>| {
            let entry = Entry {
                kind,
                type_name,
                schema,
                identity,
            };
            pages.insert(path(kind, type_name, book), page::of_schema(&entry, book));
        };
    for resource in provider.resources() {
        let identity = resource.dyn_identity();
        add(
            Kind::Resource,
            resource.dyn_type_name(),
            &resource.dyn_schema(),
            identity.as_ref(),
        );
    }
    for source in provider.data_sources() {
        add(
            Kind::DataSource,
            source.dyn_type_name(),
            &source.dyn_schema(),
            None,
        );
    }
    for ephemeral in provider.ephemeral_resources() {
        add(
            Kind::Ephemeral,
            ephemeral.dyn_type_name(),
            &ephemeral.dyn_schema(),
            None,
        );
    }
    for list in provider.list_resources() {
        add(Kind::List, list.dyn_type_name(), &list.dyn_schema(), None);
    }
    for action in provider.actions() {
        add(
            Kind::Action,
            action.dyn_type_name(),
            &action.dyn_schema(),
            None,
        );
    }
    for function in provider.functions() {
        let page = functions::page(function.name(), &function.signature(), book);
        pages.insert(path(Kind::Function, function.name(), book), page);
    }
    pages
}

fn path(kind: Kind, name: &str, book: &Book) -> String {
    let prefix = format!("{}_", book.provider);
    let short = match kind {
        Kind::Function => name,
        Kind::Resource | Kind::DataSource | Kind::Ephemeral | Kind::List | Kind::Action => {
            name.strip_prefix(&prefix).unwrap_or(name)
        }
    };
    format!("{}/{short}.md", kind.folder())
}

#[cfg(test)]
mod tests;
