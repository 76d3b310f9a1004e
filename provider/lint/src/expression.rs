//! Compares an expression with the type that its value is converted to.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, Object, Traversal, TraversalOperator};

use crate::key::literal_key;
use crate::shape::Shape;

/// A key that its type does not know.
#[derive(Debug)]
pub(crate) struct Unknown {
    /// Bytes of the file.
    pub(crate) at: Range<usize>,
    pub(crate) key: String,
    pub(crate) place: String,
    pub(crate) known: Vec<String>,
}

/// What comparing has come to.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) unknown: Vec<Unknown>,
    /// Objects that had a type.
    pub(crate) objects: usize,
}

impl Seen {
    /// Compares everything that is written in `expression` with `shape`.
    pub(crate) fn compare(&mut self, expression: &Expression, shape: &Shape, place: &str) {
        if !shape.has_keys() {
            return;
        }
        match expression {
            Expression::Array(elements) => self.array(elements.iter(), shape, place),
            Expression::Conditional(choice) => {
                self.compare(&choice.true_expr, shape, place);
                self.compare(&choice.false_expr, shape, place);
            }
            Expression::ForExpr(each) => self.for_each(each, shape, place),
            Expression::FuncCall(call) => self.call(call, shape, place),
            Expression::Object(object) => self.object(object, shape, place),
            Expression::Parenthesis(inner) => self.compare(inner.inner(), shape, place),
            Expression::Traversal(traversal) => self.chosen(traversal, shape, place),
            // Their value is made elsewhere, or has no keys.
            Expression::BinaryOp(_)
            | Expression::Bool(_)
            | Expression::HeredocTemplate(_)
            | Expression::Null(_)
            | Expression::Number(_)
            | Expression::String(_)
            | Expression::StringTemplate(_)
            | Expression::UnaryOp(_)
            | Expression::Variable(_) => {}
        }
    }

    fn object(&mut self, object: &Object, shape: &Shape, place: &str) {
        match shape {
            Shape::Object(known) => {
                self.objects += 1;
                for (key, value) in object {
                    // What is computed may be anything.
                    let Some(name) = literal_key(key) else {
                        continue;
                    };
                    match known.get(&name) {
                        Some(shape) => {
                            self.compare(value.expr(), shape, &format!("{place}.{name}"))
                        }
                        None => self.unknown.push(Unknown {
                            at: key.span().unwrap_or_default(),
                            key: name,
                            place: place.to_owned(),
                            known: known.keys().cloned().collect(),
                        }),
                    }
                }
            }
            Shape::Map(each) => {
                for (key, value) in object {
                    let place = match literal_key(key) {
                        Some(name) => format!("{place}[\"{name}\"]"),
                        None => format!("{place}[*]"),
                    };
                    self.compare(value.expr(), each, &place);
                }
            }
            // Terraform refuses these.
            Shape::Any | Shape::Each(_) | Shape::Tuple(_) => {}
        }
    }

    fn array<'e>(
        &mut self,
        elements: impl Iterator<Item = &'e Expression>,
        shape: &Shape,
        place: &str,
    ) {
        for (nth, element) in elements.enumerate() {
            let of = match shape {
                Shape::Each(of) => of.as_ref(),
                Shape::Tuple(each) => each.get(nth).unwrap_or(&Shape::Any),
                Shape::Any | Shape::Map(_) | Shape::Object(_) => return,
            };
            self.compare(element, of, &format!("{place}[{nth}]"));
        }
    }

    fn for_each(&mut self, each: &ForExpr, shape: &Shape, place: &str) {
        let place = format!("{place}[*]");
        let of = match (shape, &each.key_expr) {
            (Shape::Each(of), None) => of,
            (Shape::Map(of), Some(_)) => of,
            (
                Shape::Any | Shape::Each(_) | Shape::Map(_) | Shape::Object(_) | Shape::Tuple(_),
                _,
            ) => return,
        };
        match (each.grouping, of.as_ref()) {
            (false, of) => self.compare(&each.value_expr, of, &place),
            (true, Shape::Each(of)) => self.compare(&each.value_expr, of, &place),
            (true, Shape::Any | Shape::Map(_) | Shape::Object(_) | Shape::Tuple(_)) => {}
        }
    }

    /// Functions whose result is made of what they are given.
    fn call(&mut self, call: &FuncCall, shape: &Shape, place: &str) {
        if call.name.is_namespaced() {
            return;
        }
        let list = || Shape::Each(Box::new(shape.clone()));
        let map = || Shape::Map(Box::new(shape.clone()));
        match call.name.name.as_str() {
            // Each argument may become the result, or a part of it with the same keys.
            "coalesce" | "coalescelist" | "concat" | "distinct" | "ephemeralasnull" | "merge"
            | "nonsensitive" | "reverse" | "sensitive" | "setunion" | "tolist" | "tomap"
            | "toset" | "try" => self.arguments(call, shape, place),
            "slice" => self.argument(call, 0, shape, place),
            "element" | "one" => self.argument(call, 0, &list(), place),
            "lookup" => {
                self.argument(call, 0, &map(), place);
                self.argument(call, 2, shape, place);
            }
            "values" => {
                if let Shape::Each(of) = shape {
                    self.argument(call, 0, &Shape::Map(of.clone()), place);
                }
            }
            "zipmap" => {
                if let Shape::Map(of) = shape {
                    self.argument(call, 1, &Shape::Each(of.clone()), place);
                }
            }
            "flatten" => {
                if let (Shape::Each(of), Some(nested)) = (shape, call.args.get(0)) {
                    self.flatten(nested, of, place);
                }
            }
            // What others make of their arguments is not known.
            _ => {}
        }
    }

    fn argument(&mut self, call: &FuncCall, nth: usize, shape: &Shape, place: &str) {
        // Behind `…` there are as many arguments as the list has elements.
        let is_expanded = call.args.expand_final() && nth + 1 >= call.args.len();
        if let Some(argument) = call.args.get(nth).filter(|_| !is_expanded) {
            self.compare(argument, shape, place);
        }
    }

    fn arguments(&mut self, call: &FuncCall, shape: &Shape, place: &str) {
        let last = call.args.len().saturating_sub(1);
        for (nth, argument) in call.args.iter().enumerate() {
            match call.args.expand_final() && nth == last {
                true => self.compare(argument, &Shape::Each(Box::new(shape.clone())), place),
                false => self.compare(argument, shape, place),
            }
        }
    }

    /// Lists in lists, at any depth.
    fn flatten(&mut self, nested: &Expression, of: &Shape, place: &str) {
        match nested {
            Expression::Array(elements) => {
                for (nth, element) in elements.iter().enumerate() {
                    self.flatten(element, of, &format!("{place}[{nth}]"));
                }
            }
            Expression::Conditional(choice) => {
                self.flatten(&choice.true_expr, of, place);
                self.flatten(&choice.false_expr, of, place);
            }
            Expression::ForExpr(each) if each.key_expr.is_none() => {
                self.flatten(&each.value_expr, of, &format!("{place}[*]"));
            }
            Expression::Parenthesis(inner) => self.flatten(inner.inner(), of, place),
            Expression::FuncCall(call)
                if !call.name.is_namespaced()
                    && matches!(call.name.name.as_str(), "concat" | "flatten") =>
            {
                for argument in call.args.iter() {
                    self.flatten(argument, of, place);
                }
            }
            // An element: an object, or a function that makes one.
            Expression::Object(_) | Expression::FuncCall(_) => self.compare(nested, of, place),
            Expression::BinaryOp(_)
            | Expression::Bool(_)
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

    /// One of several that are written down: `{ dev = {…}, prod = {…} }[var.stage]`.
    fn chosen(&mut self, traversal: &Traversal, shape: &Shape, place: &str) {
        let [operator] = traversal.operators.as_slice() else {
            return;
        };
        match operator.value() {
            TraversalOperator::Index(_) => {
                self.compare(&traversal.expr, &Shape::Map(Box::new(shape.clone())), place);
                self.compare(
                    &traversal.expr,
                    &Shape::Each(Box::new(shape.clone())),
                    place,
                );
            }
            TraversalOperator::LegacyIndex(_) => {
                self.compare(
                    &traversal.expr,
                    &Shape::Each(Box::new(shape.clone())),
                    place,
                );
            }
            TraversalOperator::AttrSplat(_)
            | TraversalOperator::FullSplat(_)
            | TraversalOperator::GetAttr(_) => {}
        }
    }
}
