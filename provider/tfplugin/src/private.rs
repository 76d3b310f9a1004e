//! Private data: what a resource remembers beside its state.
//!
//! Terraform stores these bytes with the object and hands them back; users never see them in output. They
//! are **not encrypted**: never put a secret here. The form is the one the Go framework uses (a JSON object
//! of names to base64 of JSON), so that a resource can move between implementations.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diagnostic::Diagnostics;

/// Named private values of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Private(BTreeMap<String, Vec<u8>>);

impl Private {
    /// No private data.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When something else than a `T` is stored under the name.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Diagnostics> {
        let Some(json) = self.0.get(name) else {
            return Ok(None);
        };
        serde_json::from_slice(json).map(Some).map_err(|cause| {
            Diagnostics::bug(
                "reading private data",
                format_args!("`{name}` has another form than this version writes ({cause})"),
            )
        })
    }

    /// Stores a value under a name. Names beginning with a dot belong to frameworks and are refused.
    ///
    /// # Errors
    ///
    /// When the name is reserved or the value has no JSON form; both are bugs.
    pub fn write<T: Serialize>(&mut self, name: &str, value: &T) -> Result<(), Diagnostics> {
        if name.starts_with('.') {
            return Err(Diagnostics::bug(
                "writing private data",
                format_args!("the name `{name}` is reserved"),
            ));
        }
        let json = serde_json::to_vec(value).map_err(|cause| {
            Diagnostics::bug(
                "writing private data",
                format_args!("`{name}` has no JSON form ({cause})"),
            )
        })?;
        self.0.insert(name.to_owned(), json);
        Ok(())
    }

    /// Forgets a name.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Reads the stored bytes; no bytes are no private data.
    ///
    /// # Errors
    ///
    /// When the bytes are of another form, for example written by a provider with a private format of its own.
    pub fn decode(bytes: &[u8]) -> Result<Self, Diagnostics> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let foreign = |cause: String| {
            Diagnostics::error(
                "Private data of the resource cannot be read",
                format!(
                    "The private data stored with this object was not written by this provider, or the state was \
                     damaged ({cause}).\n\nRestore the state from a backup, or remove the object from the state with \
                     `terraform state rm` and import it again."
                ),
            )
        };
        let names: BTreeMap<String, String> =
            serde_json::from_slice(bytes).map_err(|cause| foreign(cause.to_string()))?;
        names
            .into_iter()
            .map(|(name, text)| STANDARD.decode(text).map(|json| (name, json)))
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|cause| foreign(cause.to_string()))
    }

    /// The bytes to store; none for no private data.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let names: serde_json::Map<String, serde_json::Value> = self
            .0
            .iter()
            .map(|(name, json)| (name.clone(), STANDARD.encode(json).into()))
            .collect();
        serde_json::Value::Object(names).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut private = Private::new();
        private.write("etag", &"abc").unwrap();
        let stored = private.encode();
        assert_eq!(stored, br#"{"etag":"ImFiYyI="}"#);
        let back = Private::decode(&stored).unwrap();
        assert_eq!(back.read::<String>("etag").unwrap().as_deref(), Some("abc"));
        assert_eq!(back.read::<String>("other").unwrap(), None);
    }

    #[test]
    fn nothing_stays_nothing() {
        assert!(Private::new().encode().is_empty());
        assert!(Private::decode(&[]).unwrap().is_empty());
    }

    #[test]
    fn reserved_names_of_other_frameworks_are_kept_but_not_written() {
        let foreign = br#"{".framework":"e30=","a":"MQ=="}"#;
        let mut private = Private::decode(foreign).unwrap();
        assert!(private.write(".mine", &1).is_err());
        assert_eq!(private.encode(), foreign);
    }

    #[test]
    fn foreign_bytes_are_an_error_with_a_way_out() {
        let failure = Private::decode(b"\x00\x01").unwrap_err();
        assert!(failure.to_string().contains("terraform state rm"));
    }
}
