//! An answer as the service spells it, by the shapes of its model.

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::fake::{Reply, Seen};

/// One answer in the three protocols.
pub(crate) struct Wire {
    json: Vec<u8>,
    xml: Vec<u8>,
    cbor: Vec<u8>,
}

impl Wire {
    pub(super) fn new(model: Value, operation: &str, answer: &Value) -> Self {
        let shapes = Shapes(&model["shapes"]);
        let shape = output(&model, operation);
        let mut xml = format!("<{operation}Response>");
        // EC2 has no element for the result.
        let result = match model["metadata"]["protocol"] == "ec2" {
            true => String::new(),
            false => format!("{operation}Result>"),
        };
        if !result.is_empty() {
            xml.push_str(&format!("<{result}"));
        }
        shapes.xml(&mut xml, shape, answer);
        if !result.is_empty() {
            xml.push_str(&format!("</{result}"));
        }
        xml.push_str(&format!("</{operation}Response>"));
        let mut cbor = Encoder::new(Vec::new());
        shapes.cbor(&mut cbor, shape, answer);
        Self {
            json: shapes.json(shape, answer).to_string().into_bytes(),
            xml: xml.into_bytes(),
            cbor: cbor.into_writer(),
        }
    }

    pub(crate) fn reply(&self, seen: &Seen) -> Reply {
        if seen.path.contains("/operation/") {
            Reply::Http(200, "application/cbor", self.cbor.clone())
        } else if seen.target().is_empty() {
            Reply::Http(200, "text/xml", self.xml.clone())
        } else {
            Reply::Http(200, "application/x-amz-json-1.1", self.json.clone())
        }
    }
}

fn output<'a>(model: &'a Value, operation: &str) -> &'a str {
    model["operations"][operation]["output"]["shape"]
        .as_str()
        .unwrap()
}

/// Each text, number and moment of an answer with the names of the members that lead to it. Empty texts and `false` say
/// nothing.
pub(super) fn leaves(model: &Value, operation: &str, answer: &Value) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    Shapes(&model["shapes"]).leaves(output(model, operation), answer, "", &mut leaves);
    leaves
}

struct Shapes<'a>(&'a Value);

impl<'a> Shapes<'a> {
    fn kind(&self, shape: &str) -> &'a str {
        self.0[shape]["type"].as_str().unwrap()
    }

    /// The shape of a member, an item or an entry; `None` for members that the model does not have.
    fn inside(&self, shape: &str, place: &str) -> Option<&'a str> {
        self.0[shape][place]["shape"].as_str()
    }

    fn member(&self, shape: &str, name: &str) -> Option<&'a str> {
        self.0[shape]["members"][name]["shape"].as_str()
    }

    fn members<'v>(&self, shape: &str, value: &'v Value) -> Vec<(&'v String, &'a str, &'v Value)> {
        // Some examples have a text where the model has a structure.
        let members = value.as_object().into_iter().flatten();
        members
            .filter(|(_, value)| !value.is_null())
            .filter_map(|(name, value)| Some((name, self.member(shape, name)?, value)))
            .collect()
    }

    fn json(&self, shape: &str, value: &Value) -> Value {
        match self.kind(shape) {
            "structure" => {
                let members = self.members(shape, value).into_iter();
                Value::Object(
                    members
                        .map(|(name, shape, value)| (name.clone(), self.json(shape, value)))
                        .collect::<Map<_, _>>(),
                )
            }
            "list" => {
                let item = self.inside(shape, "member").unwrap();
                let items = value.as_array().unwrap().iter();
                items.map(|value| self.json(item, value)).collect()
            }
            "timestamp" => Value::from(seconds(value)),
            "integer" | "long" => Value::from(number(value).round() as i64),
            "float" | "double" => Value::from(number(value)),
            _ => value.clone(),
        }
    }

    fn xml(&self, xml: &mut String, shape: &str, value: &Value) {
        match self.kind(shape) {
            "structure" => {
                for (name, inside, value) in self.members(shape, value) {
                    let spelled = &self.0[shape]["members"][name]["locationName"];
                    let name = spelled.as_str().unwrap_or(name);
                    xml.push_str(&format!("<{name}>"));
                    self.xml(xml, inside, value);
                    xml.push_str(&format!("</{name}>"));
                }
            }
            "list" => {
                let item = self.inside(shape, "member").unwrap();
                let name = &self.0[shape]["member"]["locationName"];
                let name = name.as_str().unwrap_or("member");
                for value in value.as_array().unwrap() {
                    xml.push_str(&format!("<{name}>"));
                    self.xml(xml, item, value);
                    xml.push_str(&format!("</{name}>"));
                }
            }
            "timestamp" => xml.push_str(&moment(value).to_string()),
            _ => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                xml.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
            }
        }
    }

    fn cbor(&self, encoder: &mut Encoder, shape: &str, value: &Value) {
        match self.kind(shape) {
            "structure" => {
                let members = self.members(shape, value);
                encoder.map(members.len());
                for (name, shape, value) in members {
                    encoder.str(name);
                    self.cbor(encoder, shape, value);
                }
            }
            "list" => {
                let item = self.inside(shape, "member").unwrap();
                let items = value.as_array().unwrap();
                encoder.array(items.len());
                items
                    .iter()
                    .for_each(|value| self.cbor(encoder, item, value));
            }
            "map" => {
                let (entries, of) = (value.as_object().unwrap(), self.inside(shape, "value"));
                encoder.map(entries.len());
                for (key, value) in entries {
                    encoder.str(key);
                    self.cbor(encoder, of.unwrap(), value);
                }
            }
            "timestamp" => {
                encoder.timestamp(&DateTime::from_secs_f64(seconds(value)));
            }
            "boolean" => {
                encoder.boolean(value.as_bool().unwrap());
            }
            "integer" | "long" => {
                encoder.long(number(value).round() as i64);
            }
            "float" | "double" => {
                encoder.double(number(value));
            }
            _ => {
                encoder.str(value.as_str().unwrap());
            }
        }
    }

    fn leaves(&self, shape: &str, value: &Value, path: &str, leaves: &mut Vec<(String, String)>) {
        match (self.kind(shape), value) {
            ("structure", _) => {
                for (name, shape, value) in self.members(shape, value) {
                    let path = match path {
                        "" => name.clone(),
                        path => format!("{path}.{name}"),
                    };
                    self.leaves(shape, value, &path, leaves);
                }
            }
            ("list", Value::Array(items)) => {
                let item = self.inside(shape, "member").unwrap();
                for value in items {
                    self.leaves(item, value, path, leaves);
                }
            }
            ("map", Value::Object(entries)) => {
                let of = self.inside(shape, "value").unwrap();
                for (key, value) in entries {
                    leaves.push((path.to_owned(), key.clone()));
                    self.leaves(of, value, path, leaves);
                }
            }
            ("timestamp", value) => leaves.push((path.to_owned(), moment(value).to_string())),
            ("boolean", _) => {}
            (_, Value::String(text)) if !text.is_empty() => {
                leaves.push((path.to_owned(), text.clone()));
            }
            (_, Value::Number(number)) => leaves.push((path.to_owned(), number.to_string())),
            _ => {}
        }
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap(),
    }
}

fn seconds(value: &Value) -> f64 {
    moment(value).as_millisecond() as f64 / 1000.0
}

/// A moment as examples write it: seconds, or a text of one kind or another.
fn moment(value: &Value) -> Timestamp {
    match value {
        Value::String(text) => text
            .parse()
            .or_else(|_| format!("{text}Z").parse())
            .unwrap_or_else(|error| panic!("{text}: {error}")),
        value => {
            let milliseconds = (value.as_f64().unwrap() * 1000.0).round();
            Timestamp::from_millisecond(milliseconds as i64).unwrap()
        }
    }
}
