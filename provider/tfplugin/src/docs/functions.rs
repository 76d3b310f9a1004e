//! Pages of functions.

use super::{Book, Kind, examples, page, words};
use crate::function::{Parameter, Signature};

pub(super) fn page(name: &str, signature: &Signature, book: &Book) -> String {
    let title = format!("{name} {} - {}", Kind::Function.title(), book.provider);
    let subcategory = book.subcategories.get(name).map_or("", String::as_str);
    let mut text = page::front_matter(&title, Some(subcategory), &signature.summary);
    text += &format!("# function: {name}\n\n");
    if let Some(instead) = &signature.deprecation {
        text += &format!("~> **Deprecated.** {instead}\n\n");
    }
    let said = if signature.description.is_empty() {
        &signature.summary
    } else {
        &signature.description
    };
    text += &format!("{said}\n\n");
    text += &examples::section(Kind::Function, name, book);
    let mut parameters: Vec<String> = signature.parameters.iter().map(declaration).collect();
    parameters.extend(
        signature
            .variadic
            .iter()
            .map(|last| format!("{}...", declaration(last))),
    );
    text += &format!(
        "## Signature\n\n```text\n{name}({}) {}\n```\n\n",
        parameters.join(", "),
        words::type_name(&signature.returns).to_lowercase()
    );
    if !parameters.is_empty() {
        text += "## Arguments\n\n";
        for (number, parameter) in (1..).zip(signature.parameters.iter().chain(&signature.variadic))
        {
            text += &format!(
                "{number}. `{}` ({}",
                parameter.name,
                words::type_name(&parameter.r#type)
            );
            if parameter.allow_null {
                text += ", Nullable";
            }
            if number > signature.parameters.len() {
                text += ", any number of them";
            }
            text += &format!(") {}\n", parameter.description);
        }
    }
    page::finished(text)
}

fn declaration(parameter: &Parameter) -> String {
    format!(
        "{} {}",
        parameter.name,
        words::type_name(&parameter.r#type).to_lowercase()
    )
}
