//! Reads the document from start to end once. Elements of the lists are handed over one by one; everything else is
//! skipped where it stands, so that memory depends on the largest element and not on the document.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::{Action, Element, PlanFault};

const BUFFER: usize = 128 * 1024;

/// Who takes what is read.
pub(crate) trait Sink {
    /// One element of `resource_drift`.
    fn drift(&mut self, element: Element);
    /// One element of `resource_changes`.
    fn planned(&mut self, element: Element);
    /// One output that changes.
    fn output(&mut self, name: String);
}

/// What the document says about itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PlanSummary {
    /// Version of the plan's format.
    pub format_version: String,
    /// Version of Terraform, when told.
    pub terraform_version: Option<String>,
    /// Terraform failed while planning, so that the plan is a part only.
    pub errored: bool,
}

/// Reads a plan without keeping anything of it but what it says about itself.
///
/// # Errors
///
/// [`PlanFault`] when it is not one whole plan of a known format.
pub fn read_plan(input: &mut dyn Read) -> Result<PlanSummary, PlanFault> {
    read(input, &mut Nobody)
}

struct Nobody;

impl Sink for Nobody {
    fn drift(&mut self, _: Element) {}
    fn planned(&mut self, _: Element) {}
    fn output(&mut self, _: String) {}
}

pub(crate) fn read(input: &mut dyn Read, sink: &mut dyn Sink) -> Result<PlanSummary, PlanFault> {
    let mut input = BufReader::with_capacity(BUFFER, input);
    skip_to_document(&mut input)?;
    let mut document = Document {
        sink,
        reading: PlanSummary::default(),
        fault: None,
        has_planned_values: false,
    };
    let mut json = serde_json::Deserializer::from_reader(input);
    if let Err(error) = json.deserialize_map(&mut document) {
        return Err(document.fault.unwrap_or_else(|| fault(error)));
    }
    json.end().map_err(|error| match error.classify() {
        Category::Io => PlanFault::Unreadable(error.into()),
        Category::Syntax | Category::Data | Category::Eof => PlanFault::Trailing,
    })?;
    if document.reading.format_version.is_empty() || !document.has_planned_values {
        return Err(PlanFault::NotAPlan);
    }
    Ok(document.reading)
}

fn fault(error: serde_json::Error) -> PlanFault {
    match error.classify() {
        Category::Io => PlanFault::Unreadable(error.into()),
        Category::Eof => PlanFault::Truncated,
        Category::Syntax | Category::Data => PlanFault::Malformed(error),
    }
}

/// Passes marks and white space before the document, and recognises what people pass by mistake.
fn skip_to_document(input: &mut impl BufRead) -> Result<(), PlanFault> {
    let start = input.fill_buf().map_err(PlanFault::Unreadable)?;
    if start.starts_with(b"PK\x03\x04") {
        return Err(PlanFault::SavedPlan);
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(PlanFault::Utf16);
    }
    if start.starts_with(&[0xef, 0xbb, 0xbf]) {
        input.consume(3);
    }
    loop {
        let buffer = input.fill_buf().map_err(PlanFault::Unreadable)?;
        if buffer.is_empty() {
            return Err(PlanFault::Empty);
        }
        let length = buffer.len();
        let space = buffer
            .iter()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        input.consume(space);
        if space < length {
            return Ok(());
        }
    }
}

/// The whole document.
struct Document<'s> {
    sink: &'s mut dyn Sink,
    reading: PlanSummary,
    /// What is wrong, when it is not the JSON that is wrong.
    fault: Option<PlanFault>,
    has_planned_values: bool,
}

impl Document<'_> {
    fn check_format(&mut self) -> Result<(), ()> {
        let version = &self.reading.format_version;
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u64>().ok());
        if major == Some(1) {
            return Ok(());
        }
        self.fault = Some(PlanFault::Format {
            version: version.clone(),
            older: major == Some(0),
        });
        Err(())
    }
}

impl<'de> Visitor<'de> for &mut Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "format_version" => {
                    self.reading.format_version = map.next_value()?;
                    self.check_format()
                        .map_err(|()| A::Error::custom("format version"))?;
                }
                "terraform_version" => self.reading.terraform_version = map.next_value()?,
                "errored" => {
                    self.reading.errored = map.next_value::<Option<bool>>()?.unwrap_or_default();
                }
                "planned_values" => {
                    self.has_planned_values = true;
                    map.next_value::<IgnoredAny>()?;
                }
                "resource_drift" => {
                    let sink = &mut *self.sink;
                    map.next_value_seed(Elements(&mut |element| sink.drift(element)))?;
                }
                "resource_changes" => {
                    let sink = &mut *self.sink;
                    map.next_value_seed(Elements(&mut |element| sink.planned(element)))?;
                }
                "output_changes" => {
                    let sink = &mut *self.sink;
                    map.next_value_seed(Outputs(&mut |name| sink.output(name)))?;
                }
                "@level" | "@message" => {
                    self.fault = Some(PlanFault::Log);
                    return Err(A::Error::custom("a log"));
                }
                "values" => {
                    self.fault = Some(PlanFault::State);
                    return Err(A::Error::custom("a state"));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// A list of elements, or null.
struct Elements<'f>(&'f mut dyn FnMut(Element));

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of changes")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.0)(element);
        }
        Ok(())
    }
}

/// The outputs by name, or null. Their values are skipped: an output may be a secret, and only the name is told.
struct Outputs<'f>(&'f mut dyn FnMut(String));

#[derive(Deserialize)]
struct OutputChange {
    actions: Vec<Action>,
}

impl<'de> DeserializeSeed<'de> for Outputs<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Outputs<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("changes of outputs by name")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, change)) = map.next_entry::<String, OutputChange>()? {
            if change.actions.iter().any(|action| *action != Action::NoOp) {
                (self.0)(name);
            }
        }
        Ok(())
    }
}
