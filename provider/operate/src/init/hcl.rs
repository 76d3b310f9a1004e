//! Terraform's language, as `terraform fmt` writes it.

use serde_json::Value;

/// What stands in a block.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// `name = expression`.
    Attribute(String, String),
    /// `name { … }`, with its labels.
    Block(String, Vec<String>, Vec<Item>),
}

impl Item {
    pub(super) fn attribute(name: &str, expression: impl Into<String>) -> Self {
        Self::Attribute(name.to_owned(), expression.into())
    }

    pub(super) fn block(name: &str, items: Vec<Item>) -> Self {
        Self::Block(name.to_owned(), Vec::new(), items)
    }
}

/// The items, one after the other; attributes that follow each other have their `=` in one column.
pub(super) fn written(items: &[Item]) -> String {
    let mut text = String::new();
    write_items(items, 0, &mut text);
    text
}

fn write_items(items: &[Item], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let mut rest = items;
    let mut is_first = true;
    while let Some((item, after)) = rest.split_first() {
        match item {
            Item::Attribute(..) => {
                let run: Vec<(&str, &str)> = rest.iter().map_while(single).collect();
                if run.is_empty() {
                    // One that takes several lines stands alone.
                    if !is_first {
                        text.push('\n');
                    }
                    write_attribute(item, &indent, 0, text);
                    rest = after;
                } else {
                    if !is_first {
                        text.push('\n');
                    }
                    let width = run.iter().map(|(name, _)| name.chars().count()).max();
                    for item in rest.iter().take(run.len()) {
                        write_attribute(item, &indent, width.unwrap_or_default(), text);
                    }
                    rest = rest.get(run.len()..).unwrap_or_default();
                }
            }
            Item::Block(name, labels, items) => {
                if !is_first {
                    text.push('\n');
                }
                let labels: String = labels.iter().map(|it| format!(" \"{it}\"")).collect();
                text.push_str(&format!("{indent}{name}{labels} {{\n"));
                write_items(items, depth + 1, text);
                text.push_str(&format!("{indent}}}\n"));
                rest = after;
            }
        }
        is_first = false;
    }
}

/// An attribute on one line.
fn single(item: &Item) -> Option<(&str, &str)> {
    match item {
        Item::Attribute(name, expression) if !expression.contains('\n') => Some((name, expression)),
        Item::Attribute(..) | Item::Block(..) => None,
    }
}

fn write_attribute(item: &Item, indent: &str, width: usize, text: &mut String) {
    if let Item::Attribute(name, expression) = item {
        let expression = expression.replace('\n', &format!("\n{indent}"));
        text.push_str(&format!("{indent}{name:width$} = {expression}\n"));
    }
}

/// A text in quotes; nothing in it is a template.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => {
                quoted.push(letter);
                quoted.push(letter);
            }
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

/// A list on one line.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("[{}]", items.join(", "))
}

/// A map of texts, one line each, with keys that are names or in quotes.
pub(super) fn map(members: &[(String, String)]) -> String {
    let members: Vec<(String, &String)> = members
        .iter()
        .map(|(name, value)| (key(name), value))
        .collect();
    let width = members.iter().map(|(name, _)| name.chars().count()).max();
    let width = width.unwrap_or_default();
    let lines: String = members
        .iter()
        .map(|(name, value)| format!("  {name:width$} = {value}\n"))
        .collect();
    format!("{{\n{lines}}}")
}

fn key(name: &str) -> String {
    let mut letters = name.chars();
    let is_name = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-');
    match is_name {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A number, a flag or a text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(quoted(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_formatted_as_terraform_fmt_does() {
        let items = vec![Item::Block(
            "resource".to_owned(),
            vec!["a".to_owned(), "b".to_owned()],
            vec![
                Item::attribute("name", quoted("x")),
                Item::attribute("cluster", "c.d.arn"),
                Item::block(
                    "network",
                    vec![Item::attribute("subnets", list(["1".to_owned()]))],
                ),
                Item::attribute(
                    "tags",
                    map(&[
                        ("a".to_owned(), quoted("1")),
                        ("b:c".to_owned(), quoted("2")),
                    ]),
                ),
            ],
        )];
        let expected = "resource \"a\" \"b\" {\n  name    = \"x\"\n  cluster = c.d.arn\n\n  network {\n    subnets = [1]\n  }\n\n  \
                        tags = {\n    a     = \"1\"\n    \"b:c\" = \"2\"\n  }\n}\n";
        assert_eq!(written(&items), expected);
    }

    #[test]
    fn text_is_never_a_template() {
        assert_eq!(
            quoted("a\"b\\c\n${d} %{e} $f \u{7}"),
            "\"a\\\"b\\\\c\\n$${d} %%{e} $f \\u0007\""
        );
    }
}
