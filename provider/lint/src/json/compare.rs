//! Compares a value with the type that it is converted to.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged as _;

use crate::expression::{Seen, Unknown};
use crate::shape::Shape;

impl Seen {
    /// Compares everything that is written in `value` with `shape`. Expressions, which are strings, are not judged.
    pub(crate) fn compare_json(&mut self, value: &Value<'_>, shape: &Shape, place: &str) {
        if !shape.has_keys() {
            return;
        }
        match value {
            Value::Object(object) => self.json_object(object, shape, place),
            Value::Array(array) => self.json_array(array, shape, place),
            Value::StringLit(_)
            | Value::NumberLit(_)
            | Value::BooleanLit(_)
            | Value::NullKeyword(_) => {}
        }
    }

    fn json_object(&mut self, object: &Object<'_>, shape: &Shape, place: &str) {
        match shape {
            Shape::Object(known) => {
                self.objects += 1;
                for property in &object.properties {
                    self.json_member(property, known, place);
                }
            }
            Shape::Map(each) => {
                for property in &object.properties {
                    let place = format!("{place}[\"{}\"]", property.name.as_str());
                    self.compare_json(&property.value, each, &place);
                }
            }
            // Terraform refuses these.
            Shape::Any | Shape::Each(_) | Shape::Tuple(_) => {}
        }
    }

    fn json_member(
        &mut self,
        property: &jsonc_parser::ast::ObjectProp<'_>,
        known: &BTreeMap<String, Shape>,
        place: &str,
    ) {
        let name = property.name.as_str();
        match known.get(name) {
            Some(shape) => self.compare_json(&property.value, shape, &format!("{place}.{name}")),
            // The key is a template, too.
            None if name.contains("${") || name.contains("%{") => {}
            None => {
                let range = property.name.range();
                self.unknown.push(Unknown {
                    at: range.start..range.end,
                    key: name.to_owned(),
                    place: place.to_owned(),
                    known: known.keys().cloned().collect(),
                });
            }
        }
    }

    fn json_array(&mut self, array: &Array<'_>, shape: &Shape, place: &str) {
        for (nth, element) in array.elements.iter().enumerate() {
            let of = match shape {
                Shape::Each(of) => of.as_ref(),
                Shape::Tuple(each) => each.get(nth).unwrap_or(&Shape::Any),
                Shape::Any | Shape::Map(_) | Shape::Object(_) => return,
            };
            self.compare_json(element, of, &format!("{place}[{nth}]"));
        }
    }
}
