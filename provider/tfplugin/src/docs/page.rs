//! Pages of things with a schema.

use super::{Book, Entry, Kind, examples, schema, words};
use crate::schema::{IdentitySchema, Schema};

/// The provider's own page.
pub(super) fn index(provider: &Schema, book: &Book) -> String {
    let title = format!("{} Provider", book.provider);
    let mut text = front_matter(&title, None, &provider.block.description);
    text += &format!("# {title}\n\n{}\n\n", provider.block.description);
    text += &examples::below("provider/", "provider.tf", book);
    text += &schema::section(&provider.block);
    finished(text)
}

/// The page of a resource, data source, ephemeral resource, list resource or action.
pub(super) fn of_schema(entry: &Entry<'_>, book: &Book) -> String {
    let block = &entry.schema.block;
    let name = entry.type_name;
    let kind = entry.kind.title();
    let title = format!("{name} {kind} - {}", book.provider);
    let subcategory = book.subcategories.get(name).map_or("", String::as_str);
    let mut text = front_matter(&title, Some(subcategory), &block.description);
    text += &format!("# {name} ({kind})\n\n");
    if let Some(instead) = &block.deprecation {
        text += &format!("~> **Deprecated.** {instead}\n\n");
    }
    text += &format!("{}\n\n", block.description);
    text += &examples::section(entry.kind, name, book);
    text += &schema::section(block);
    if entry.kind == Kind::Resource {
        text += &import(name, entry.identity, book);
    }
    finished(text)
}

/// `subcategory` is absent on the index page only.
pub(super) fn front_matter(title: &str, subcategory: Option<&str>, description: &str) -> String {
    let mut text = format!("---\npage_title: {}\n", words::quoted(title));
    if let Some(subcategory) = subcategory {
        text += &format!("subcategory: {}\n", words::quoted(subcategory));
    }
    let first = description
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace('\n', " ");
    text += &format!("description: |-\n  {first}\n---\n\n");
    text
}

/// Exactly one line end at the end.
pub(super) fn finished(text: String) -> String {
    format!("{}\n", text.trim_end())
}

fn import(name: &str, identity: Option<&IdentitySchema>, book: &Book) -> String {
    let example = |file: &str| book.examples.get(&format!("resources/{name}/{file}"));
    let by_identity = identity.zip(example("import-by-identity.tf"));
    let by_id = example("import-by-string-id.tf");
    let command = example("import.sh");
    if by_identity.is_none() && by_id.is_none() && command.is_none() {
        return String::new();
    }
    let mut text = "## Import\n\n".to_owned();
    if let Some((identity, source)) = by_identity {
        text += "An `import` block with the identity (Terraform 1.12 and later):\n\n";
        text += &examples::code("terraform", source);
        text += &identity_schema(identity);
    }
    if let Some(source) = by_id {
        text += "An `import` block with the id (Terraform 1.5 and later):\n\n";
        text += &examples::code("terraform", source);
    }
    if let Some(source) = command {
        text += "The `terraform import` command:\n\n";
        text += &examples::code("shell", source);
    }
    text
}

fn identity_schema(identity: &IdentitySchema) -> String {
    let mut text = "### Identity Schema\n\n".to_owned();
    for (heading, required) in [("Required", true), ("Optional", false)] {
        let mut lines = String::new();
        for attribute in &identity.attributes {
            if attribute.required_for_import == required {
                let kind = words::type_name(&attribute.r#type);
                lines += &format!(
                    "- `{}` ({kind}) {}\n",
                    attribute.name, attribute.description
                );
            }
        }
        if !lines.is_empty() {
            text += &format!("#### {heading}\n\n{lines}\n");
        }
    }
    text
}
