//! Type constraints of variables: `object({ name = string, ports = optional(list(number), []) })`.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall};

use crate::key::literal_key;
use crate::shape::Shape;

/// The type that a constraint stands for. Whatever is not a constraint of an object or a collection is [`Shape::Any`].
pub(crate) fn shape(constraint: &Expression) -> Shape {
    match constraint {
        Expression::FuncCall(call) => of_call(call),
        Expression::Parenthesis(inner) => shape(inner.inner()),
        // Inside of `tuple([…])`.
        Expression::Array(each) => Shape::Tuple(each.iter().map(shape).collect()),
        Expression::BinaryOp(_)
        | Expression::Bool(_)
        | Expression::Conditional(_)
        | Expression::ForExpr(_)
        | Expression::HeredocTemplate(_)
        | Expression::Null(_)
        | Expression::Number(_)
        | Expression::Object(_)
        | Expression::String(_)
        | Expression::StringTemplate(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::Variable(_) => Shape::Any,
    }
}

fn of_call(call: &FuncCall) -> Shape {
    let Some(of) = call.args.get(0) else {
        return Shape::Any;
    };
    match call.name.name.as_str() {
        "list" | "set" => Shape::Each(Box::new(shape(of))),
        "map" => Shape::Map(Box::new(shape(of))),
        "optional" => shape(of),
        "tuple" => shape(of),
        "object" => match of {
            Expression::Object(members) => {
                let mut known = BTreeMap::new();
                for (key, value) in members {
                    let Some(name) = literal_key(key) else {
                        return Shape::Any;
                    };
                    known.insert(name, shape(value.expr()));
                }
                Shape::Object(known)
            }
            _ => Shape::Any,
        },
        _ => Shape::Any,
    }
}

/// The defaults in a constraint, `optional(TYPE, DEFAULT)`, each with its type.
pub(crate) fn defaults(constraint: &Expression) -> Vec<(Shape, &Expression)> {
    let mut found = Vec::new();
    collect(constraint, &mut found);
    found
}

fn collect<'e>(constraint: &'e Expression, found: &mut Vec<(Shape, &'e Expression)>) {
    match constraint {
        Expression::FuncCall(call) => {
            if let (true, Some(of), Some(default)) = (
                call.name.name.as_str() == "optional",
                call.args.get(0),
                call.args.get(1),
            ) {
                found.push((shape(of), default));
            }
            if let Some(of) = call.args.get(0) {
                collect(of, found);
            }
        }
        Expression::Object(members) => {
            for (_, value) in members {
                collect(value.expr(), found);
            }
        }
        Expression::Array(each) => {
            for one in each {
                collect(one, found);
            }
        }
        Expression::Parenthesis(inner) => collect(inner.inner(), found),
        Expression::BinaryOp(_)
        | Expression::Bool(_)
        | Expression::Conditional(_)
        | Expression::ForExpr(_)
        | Expression::HeredocTemplate(_)
        | Expression::Null(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::StringTemplate(_)
        | Expression::Traversal(_)
        | Expression::UnaryOp(_)
        | Expression::Variable(_) => {}
    }
}
