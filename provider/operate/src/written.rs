//! What the commands write with `--output json`: documents that say what they are and of which version.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

/// What `format_version` says. It rises with every change that is not an addition.
const VERSION: &str = "1.0";

/// A document that a command writes: the fields of the type, beside `format` and `format_version`.
pub trait Written: Serialize + JsonSchema {
    /// What `format` says.
    const FORMAT: &'static str;
}

#[derive(Serialize)]
struct Framed<'w, W> {
    format: &'static str,
    format_version: &'static str,
    #[serde(flatten)]
    written: &'w W,
}

/// A document as it is written.
#[must_use]
pub fn framed<W: Written>(written: &W) -> impl Serialize {
    Framed {
        format: W::FORMAT,
        format_version: VERSION,
        written,
    }
}

/// The JSON Schema (draft 2020-12) of a document.
#[must_use]
pub fn schema_of<W: Written>() -> Value {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut schema = generator.into_root_schema_for::<W>().to_value();
    schema["title"] = W::FORMAT.into();
    schema["properties"]["format"] = json!({ "const": W::FORMAT });
    schema["properties"]["format_version"] = json!({ "const": VERSION });
    if let Some(required) = schema["required"].as_array_mut() {
        required.extend(["format", "format_version"].map(Value::from));
    }
    schema
}
