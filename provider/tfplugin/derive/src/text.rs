//! Descriptions from doc comments.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The doc comment as Markdown: the lines of a paragraph or list item are joined.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for line in attributes.iter().filter_map(line) {
        let line = line.trim();
        if line.is_empty() {
            text += "\n\n";
        } else if text.is_empty() || text.ends_with('\n') {
            text += line;
        } else {
            text += if line.starts_with("- ") { "\n" } else { " " };
            text += line;
        }
    }
    text.trim_end().to_owned()
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = &pair.value
    else {
        return None;
    };
    pair.path.is_ident("doc").then(|| text.value())
}

#[cfg(test)]
mod tests {
    use syn::{ItemStruct, parse_quote};

    use super::description;

    #[test]
    fn lines_are_joined_and_paragraphs_and_lists_stay() {
        let item: ItemStruct = parse_quote! {
            /// One line
            /// and its end.
            ///
            /// Then:
            /// - one
            ///   thing
            /// - another
            struct S;
        };
        assert_eq!(
            description(&item.attrs),
            "One line and its end.\n\nThen:\n- one thing\n- another"
        );
    }
}
