//! A request as the service reads it, by its model: which operation it is, and what it says in which member.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Map, Value};

use crate::fake::Seen;

/// The model of one operation.
pub(super) struct Model {
    whole: Value,
    operation: &'static str,
}

impl Model {
    pub(super) fn new(whole: Value, operation: &'static str) -> Self {
        assert!(
            whole["operations"][operation].is_object(),
            "no {operation} in the model"
        );
        Self { whole, operation }
    }

    fn metadata(&self, name: &str) -> &str {
        self.whole["metadata"][name].as_str().unwrap_or_default()
    }

    fn operation(&self) -> &Value {
        &self.whole["operations"][self.operation]
    }

    fn shape(&self, name: &str) -> &Value {
        &self.whole["shapes"][name]
    }

    /// The code of each error that the operation declares, as it is on the wire.
    pub(super) fn errors(&self) -> Vec<String> {
        let errors = self.operation()["errors"].as_array().into_iter().flatten();
        errors
            .map(|error| {
                let name = error["shape"].as_str().unwrap();
                let code = &self.shape(name)["error"]["code"];
                code.as_str().unwrap_or(name).to_owned()
            })
            .collect()
    }

    pub(super) fn is_json(&self) -> bool {
        matches!(self.metadata("protocol"), "json" | "rest-json")
    }

    /// What a request says, after everything about it was found to be as the model has it.
    #[track_caller]
    pub(super) fn read(&self, seen: &Seen) -> Value {
        let input = match self.metadata("protocol") {
            "json" => self.json(seen),
            "query" | "ec2" => self.form(seen),
            "rest-json" => self.rest(seen),
            other => panic!("protocol {other}"),
        };
        if let Some(shape) = self.operation()["input"]["shape"].as_str() {
            self.check(shape, &input, self.operation);
        }
        input
    }

    fn json(&self, seen: &Seen) -> Value {
        let (prefix, version) = (self.metadata("targetPrefix"), self.metadata("jsonVersion"));
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/"));
        assert_eq!(seen.target(), format!("{prefix}.{}", self.operation));
        let kind = format!("application/x-amz-json-{version}");
        assert_eq!(seen.headers["content-type"], kind);
        seen.json()
    }

    fn form(&self, seen: &Seen) -> Value {
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/"));
        let mut fields: Vec<(String, String)> =
            form_urlencoded::parse(&seen.body).into_owned().collect();
        let mut taken = |name: &str| {
            let at = fields.iter().position(|(key, _)| key == name).unwrap();
            fields.remove(at).1
        };
        assert_eq!(taken("Action"), self.operation);
        assert_eq!(taken("Version"), self.metadata("apiVersion"));
        let mut input = Value::Object(Map::new());
        let Some(shape) = self.operation()["input"]["shape"].as_str() else {
            assert!(fields.is_empty(), "{} takes nothing", self.operation);
            return input;
        };
        for (key, value) in &fields {
            let parts: Vec<&str> = key.split('.').collect();
            self.put(&mut input, shape, &parts, value, key);
        }
        input
    }

    /// Puts a field where its name leads to.
    fn put(&self, at: &mut Value, shape: &str, parts: &[&str], value: &str, key: &str) {
        let of = self.shape(shape);
        match (of["type"].as_str().unwrap(), parts) {
            ("structure", [name, rest @ ..]) => {
                let members = of["members"].as_object().unwrap();
                let found = members
                    .iter()
                    .find(|(member, at)| self.field(member, at) == *name);
                let (member, inside) =
                    found.unwrap_or_else(|| panic!("{shape} has no {name}: {key}"));
                let inside_shape = inside["shape"].as_str().unwrap();
                let object = object(at);
                let next = object.entry(member.clone()).or_insert(Value::Null);
                self.put(next, inside_shape, rest, value, key);
            }
            ("list", parts) => {
                let is_flat = self.metadata("protocol") == "ec2" || of["flattened"] == true;
                let item = &of["member"];
                let rest = match (is_flat, parts) {
                    (true, rest) => rest,
                    (false, [name, rest @ ..]) => {
                        let expected = item["locationName"].as_str().unwrap_or("member");
                        assert_eq!(*name, expected, "{key}");
                        rest
                    }
                    (false, []) => panic!("{key} names no entry"),
                };
                let [number, rest @ ..] = rest else {
                    panic!("{key} has no number");
                };
                let next = entry(at, number, key);
                self.put(next, item["shape"].as_str().unwrap(), rest, value, key);
            }
            ("map", ["entry", number, of_entry, rest @ ..]) => {
                let next = object(entry(at, number, key));
                let part = ["key", "value"]
                    .into_iter()
                    .find(|part| of[*part]["locationName"].as_str().unwrap_or(part) == *of_entry);
                let part = part.unwrap_or_else(|| panic!("{key}"));
                let inside = of[part]["shape"].as_str().unwrap().to_owned();
                let next = next.entry(part).or_insert(Value::Null);
                self.put(next, &inside, rest, value, key);
            }
            ("string" | "timestamp" | "blob", []) => *at = Value::from(value),
            ("integer" | "long", []) => *at = Value::from(value.parse::<i64>().unwrap()),
            ("float" | "double", []) => *at = Value::from(value.parse::<f64>().unwrap()),
            ("boolean", []) => *at = Value::from(value.parse::<bool>().unwrap()),
            (kind, rest) => panic!("{key}: {kind} and then {rest:?}"),
        }
    }

    /// The name of a member in a form.
    fn field(&self, member: &str, at: &Value) -> String {
        let named = |name: &str| at[name].as_str().map(str::to_owned);
        match self.metadata("protocol") {
            "ec2" => named("queryName")
                .or_else(|| {
                    let name = named("locationName")?;
                    let (first, rest) = name.split_at_checked(1)?;
                    Some(first.to_uppercase() + rest)
                })
                .unwrap_or_else(|| member.to_owned()),
            _ => named("locationName").unwrap_or_else(|| member.to_owned()),
        }
    }

    fn rest(&self, seen: &Seen) -> Value {
        let http = &self.operation()["http"];
        assert_eq!(seen.method, http["method"].as_str().unwrap());
        let shape = self.operation()["input"]["shape"].as_str().unwrap();
        let mut input = Map::new();
        let pattern = http["requestUri"].as_str().unwrap();
        let (expected, given) = (pattern.split('/'), seen.path.split('/'));
        assert_eq!(
            expected.clone().count(),
            given.clone().count(),
            "{}",
            seen.path
        );
        for (expected, given) in expected.zip(given) {
            let label = expected
                .strip_prefix('{')
                .and_then(|it| it.strip_suffix('}'));
            match label {
                Some(label) => {
                    let member = self.located(shape, "uri", label);
                    input.insert(member, Value::from(decoded(given)));
                }
                None => assert_eq!(expected, given, "{}", seen.path),
            }
        }
        for (name, value) in form_urlencoded::parse(seen.query.as_bytes()) {
            let member = self.located(shape, "querystring", &name);
            input.insert(member, Value::from(value.into_owned()));
        }
        if let Some(payload) = self.shape(shape)["payload"].as_str() {
            let text = String::from_utf8(seen.body.clone()).unwrap();
            input.insert(payload.to_owned(), Value::from(text));
        } else if !seen.body.is_empty() {
            input.extend(seen.json().as_object().unwrap().clone());
        }
        Value::Object(input)
    }

    fn located(&self, shape: &str, location: &str, name: &str) -> String {
        let members = self.shape(shape)["members"].as_object().unwrap();
        let found = members
            .iter()
            .find(|(_, at)| at["location"] == location && at["locationName"] == name);
        let (member, _) = found.unwrap_or_else(|| panic!("{shape} has no {location} {name}"));
        member.clone()
    }

    /// Members that there are, those that must be there, types, words, lengths.
    fn check(&self, shape: &str, value: &Value, path: &str) {
        let of = self.shape(shape);
        let within = |length: usize| {
            let bound = |name: &str| of[name].as_u64().and_then(|it| usize::try_from(it).ok());
            assert!(
                bound("min").is_none_or(|min| length >= min)
                    && bound("max").is_none_or(|max| length <= max),
                "{path}: {length} of {shape}"
            );
        };
        match of["type"].as_str().unwrap() {
            "structure" => {
                let given = value
                    .as_object()
                    .unwrap_or_else(|| panic!("{path}: {value}"));
                for required in of["required"].as_array().into_iter().flatten() {
                    let required = required.as_str().unwrap();
                    assert!(given.contains_key(required), "{path} lacks {required}");
                }
                for (name, value) in given {
                    let member = of["members"][name]["shape"].as_str();
                    let member = member.unwrap_or_else(|| panic!("{path} has no {name}"));
                    self.check(member, value, &format!("{path}.{name}"));
                }
            }
            "list" => {
                let items = value
                    .as_array()
                    .unwrap_or_else(|| panic!("{path}: {value}"));
                within(items.len());
                let item = of["member"]["shape"].as_str().unwrap();
                items.iter().for_each(|value| self.check(item, value, path));
            }
            "string" => {
                let text = value.as_str().unwrap_or_else(|| panic!("{path}: {value}"));
                within(text.chars().count());
                if let Some(words) = of["enum"].as_array() {
                    assert!(words.contains(value), "{path}: {text}");
                }
            }
            "integer" | "long" => assert!(value.is_i64(), "{path}: {value}"),
            "float" | "double" => assert!(value.is_number(), "{path}: {value}"),
            "boolean" => assert!(value.is_boolean(), "{path}: {value}"),
            _ => {}
        }
    }
}

fn object(at: &mut Value) -> &mut Map<String, Value> {
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    at.as_object_mut().unwrap()
}

/// An entry by its number, which follows the one before.
fn entry<'a>(at: &'a mut Value, number: &str, key: &str) -> &'a mut Value {
    if at.is_null() {
        *at = Value::Array(Vec::new());
    }
    let list = at.as_array_mut().unwrap();
    let number: usize = number.parse().unwrap_or_else(|_| panic!("{key}"));
    assert!(
        number >= 1 && number <= list.len() + 1,
        "{key} leaves numbers out"
    );
    if number > list.len() {
        list.push(Value::Null);
    }
    &mut list[number - 1]
}

fn decoded(text: &str) -> String {
    // A path has no `+` for a blank.
    let plain = text.replace('+', "%2B");
    let (text, _) = form_urlencoded::parse(plain.as_bytes()).next().unwrap();
    text.into_owned()
}
