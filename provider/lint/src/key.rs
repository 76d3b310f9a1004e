//! Keys of objects as they are written.

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::template::Element;

/// The key, when it stands there: `name`, `"name"`, `("name")`, `1`.
pub(crate) fn literal_key(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(expression) => literal(expression),
    }
}

/// The text of an expression that is nothing but text.
pub(crate) fn literal(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.as_str().to_owned()),
        Expression::Number(number) => Some(number.value().to_string()),
        Expression::Parenthesis(inner) => literal(inner.inner()),
        Expression::StringTemplate(template) => {
            let each: Option<Vec<&str>> = template
                .iter()
                .map(|element| match element {
                    Element::Literal(text) => Some(text.value().as_str()),
                    Element::Directive(_) | Element::Interpolation(_) => None,
                })
                .collect();
            Some(each?.concat())
        }
        Expression::Array(_)
        | Expression::BinaryOp(_)
        | Expression::Bool(_)
        | Expression::Conditional(_)
        | Expression::ForExpr(_)
        | Expression::FuncCall(_)
        | Expression::HeredocTemplate(_)
        | Expression::Null(_)
        | Expression::Object(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::Variable(_) => None,
    }
}
