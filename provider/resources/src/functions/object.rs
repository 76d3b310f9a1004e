//! Arguments that are objects: a part of what a resource has, written by hand or taken from the resource.

use std::collections::BTreeMap;

use switchyard_operate::nearest;
use tfplugin::function::FunctionError;
use tfplugin::value::{Number, Type, Value};

/// The argument as a value of `ty`: attributes that are left out are null.
///
/// # Errors
/// It has an attribute that `ty` has not, which would otherwise be dropped without a word; or a value does not fit.
pub(super) fn shaped(argument: usize, value: &Value, ty: &Type) -> Result<Value, FunctionError> {
    fitted(value, ty, "").map_err(|fault| FunctionError::argument(argument, fault))
}

fn fitted(value: &Value, ty: &Type, at: &str) -> Result<Value, String> {
    let value = value.inner();
    if value.is_null() {
        return Ok(Value::Null);
    }
    let wrong = |wanted: &str| {
        let subject = match at {
            "" => String::new(),
            at => format!("has `{at}`, which "),
        };
        format!("{subject}must be {wanted}, not {}.", value.kind())
    };
    match (ty, value) {
        (Type::Dynamic, _) | (Type::String, Value::String(_)) => Ok(value.clone()),
        (Type::Number, Value::Number(_)) | (Type::Bool, Value::Bool(_)) => Ok(value.clone()),
        // As Terraform converts them.
        (Type::String, Value::Number(number)) => Ok(Value::from(number.to_string())),
        (Type::String, Value::Bool(flag)) => Ok(Value::from(flag.to_string())),
        (Type::Number, Value::String(text)) => match text.parse::<Number>() {
            Ok(number) => Ok(Value::from(number)),
            Err(_) => Err(wrong("a number")),
        },
        (Type::Object(attributes), _) => object(value, attributes, at, &wrong),
        (Type::List(element) | Type::Set(element), _) => {
            let Some(elements) = value.elements() else {
                return Err(wrong("a list"));
            };
            let each = (0..).zip(elements);
            let fitted: Result<Vec<Value>, String> = each
                .map(|(index, value): (usize, _)| fitted(value, element, &format!("{at}[{index}]")))
                .collect();
            Ok(match ty {
                Type::Set(_) => Value::set(fitted?),
                _ => Value::list(fitted?),
            })
        }
        (Type::Map(element), _) => {
            let Some(entries) = value.entries() else {
                return Err(wrong("a map"));
            };
            let entries = entries.iter();
            let entries: Result<BTreeMap<String, Value>, String> = entries
                .map(|(key, value)| Ok((key.clone(), fitted(value, element, &below(at, key))?)))
                .collect();
            Ok(Value::map(entries?))
        }
        (Type::String, _) => Err(wrong("a text")),
        (Type::Number, _) => Err(wrong("a number")),
        (Type::Bool, _) => Err(wrong("true or false")),
        (Type::Tuple(_), _) => Err(wrong("a tuple")),
    }
}

fn object(
    value: &Value,
    attributes: &BTreeMap<String, Type>,
    at: &str,
    wrong: &dyn Fn(&str) -> String,
) -> Result<Value, String> {
    let Some(entries) = value.entries() else {
        return Err(wrong("an object"));
    };
    if let Some(name) = entries.keys().find(|name| !attributes.contains_key(*name)) {
        let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
        let known = match nearest(name, &names).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its attributes are {}.", names.join(", ")),
        };
        return Err(format!(
            "has `{}`, which it does not have; {known}",
            below(at, name)
        ));
    }
    let fitted: Result<Vec<(String, Value)>, String> = attributes
        .iter()
        .map(|(name, ty)| {
            let value = entries.get(name).unwrap_or(&Value::Null);
            Ok((name.clone(), fitted(value, ty, &below(at, name))?))
        })
        .collect();
    Ok(Value::object(fitted?))
}

fn below(at: &str, name: &str) -> String {
    match at {
        "" => name.to_owned(),
        at => format!("{at}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty() -> Type {
        Type::object([
            ("percent", Type::Number),
            ("name", Type::String),
            ("step", Type::list(Type::object([("hold", Type::String)]))),
        ])
    }

    #[test]
    fn what_is_left_out_is_null_and_tuples_become_lists() {
        let step = Value::object([("hold", Value::from("5m"))]);
        let given = Value::object([
            ("step", Value::tuple([step.clone()])),
            ("name", Value::from(7)),
            ("percent", Value::from("10")),
        ]);
        let found = shaped(0, &given, &ty()).unwrap();
        assert_eq!(found.attribute("step"), &Value::list([step]));
        assert_eq!(found.attribute("name").as_str(), Some("7"));
        assert_eq!(found.attribute("percent"), &Value::from(10));
        let empty = shaped(0, &Value::object::<String, Value>([]), &ty()).unwrap();
        assert!(empty.attribute("step").is_null());
    }

    #[test]
    fn what_would_be_dropped_is_an_error() {
        let step = Value::object([("hodl", Value::from("5m"))]);
        for (given, part) in [
            (
                Value::object([("step", Value::tuple([step]))]),
                "has `step[0].hodl`, which it does not have; did you mean `hold`?",
            ),
            (
                Value::object([("colour", Value::from("red"))]),
                "its attributes are name, percent, step.",
            ),
            (
                Value::object([("percent", Value::from("many"))]),
                "has `percent`, which must be a number",
            ),
            (Value::from("x"), "must be an object"),
        ] {
            let error = shaped(2, &given, &ty()).unwrap_err();
            assert!(error.text.contains(part), "{error}");
            assert_eq!(error.argument, Some(2));
        }
    }
}
