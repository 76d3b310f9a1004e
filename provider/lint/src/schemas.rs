//! What providers say of their types: the output of `terraform providers schema -json`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::shape::Shape;

/// The text is no output of `terraform providers schema -json`.
#[derive(Debug)]
pub struct BadSchemas(String);

impl fmt::Display for BadSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadSchemas {}

/// Schemas of providers. One is read when it is asked for: a large provider has more than a thousand.
#[derive(Debug, Default)]
pub struct Schemas<'t> {
    providers: BTreeMap<Cow<'t, str>, Provider<'t>>,
}

#[derive(Deserialize)]
struct Document<'t> {
    #[serde(borrow, default)]
    provider_schemas: BTreeMap<Cow<'t, str>, Provider<'t>>,
}

/// Names of types → their schemas, not read.
type Raw<'t> = Option<BTreeMap<Cow<'t, str>, &'t RawValue>>;

#[derive(Debug, Deserialize)]
struct Provider<'t> {
    #[serde(borrow)]
    provider: Option<&'t RawValue>,
    #[serde(borrow)]
    resource_schemas: Raw<'t>,
    #[serde(borrow)]
    data_source_schemas: Raw<'t>,
    #[serde(borrow)]
    ephemeral_resource_schemas: Raw<'t>,
    #[serde(borrow)]
    action_schemas: Raw<'t>,
}

/// What a block describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Action,
    Data,
    Ephemeral,
    Resource,
}

/// What stands in a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BlockShape {
    pub(crate) attributes: BTreeMap<String, Shape>,
    pub(crate) blocks: BTreeMap<String, BlockShape>,
}

#[derive(Deserialize)]
struct Schema {
    block: Option<RawBlock>,
}

#[derive(Deserialize)]
struct RawBlock {
    attributes: Option<BTreeMap<String, RawAttribute>>,
    block_types: Option<BTreeMap<String, RawNested>>,
}

#[derive(Deserialize)]
struct RawNested {
    block: Option<RawBlock>,
}

#[derive(Deserialize)]
struct RawAttribute {
    #[serde(rename = "type")]
    of: Option<Value>,
    nested_type: Option<RawNestedType>,
}

#[derive(Deserialize)]
struct RawNestedType {
    attributes: Option<BTreeMap<String, RawAttribute>>,
    nesting_mode: Option<String>,
}

impl RawBlock {
    fn shape(self) -> BlockShape {
        let attributes = self.attributes.unwrap_or_default().into_iter();
        let blocks = self.block_types.unwrap_or_default().into_iter();
        BlockShape {
            attributes: attributes
                .map(|(name, attribute)| (name, attribute.shape()))
                .collect(),
            blocks: blocks
                .map(|(name, nested)| {
                    let shape = nested.block.map(Self::shape);
                    (name, shape.unwrap_or_default())
                })
                .collect(),
        }
    }
}

impl RawAttribute {
    fn shape(self) -> Shape {
        match (self.nested_type, self.of) {
            (Some(nested), _) => nested.shape(),
            (None, Some(of)) => Shape::of_json(&of),
            (None, None) => Shape::Any,
        }
    }
}

impl RawNestedType {
    fn shape(self) -> Shape {
        let Some(attributes) = self.attributes else {
            return Shape::Any;
        };
        let attributes = attributes.into_iter();
        let object = Shape::Object(
            attributes
                .map(|(name, attribute)| (name, attribute.shape()))
                .collect(),
        );
        match self.nesting_mode.as_deref() {
            Some("single") => object,
            Some("list" | "set") => Shape::Each(Box::new(object)),
            Some("map") => Shape::Map(Box::new(object)),
            // A way of nesting that this build does not know.
            Some(_) | None => Shape::Any,
        }
    }
}

impl<'t> Schemas<'t> {
    /// Reads the output of `terraform providers schema -json`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &'t str) -> Result<Self, BadSchemas> {
        let document: Document<'t> =
            serde_json::from_str(text).map_err(|error| BadSchemas(error.to_string()))?;
        Ok(Self {
            providers: document.provider_schemas,
        })
    }

    /// Whether a provider of this source is described.
    fn find(&self, source: &str) -> Option<&Provider<'t>> {
        let slash = format!("/{source}");
        let mut found = self
            .providers
            .iter()
            .filter(|(name, _)| name.as_ref() == source || name.ends_with(&slash));
        match (found.next(), found.next()) {
            (Some((_, provider)), None) => Some(provider),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// The schema of a type of a provider's. Where the provider is not described under its source, the only one that has the
    /// type.
    pub(crate) fn block(&self, source: &str, kind: Kind, of: &str) -> Option<BlockShape> {
        let raw = match self.find(source) {
            Some(provider) => provider.raw(kind, of)?,
            None => {
                let mut found = self.providers.values().filter_map(|it| it.raw(kind, of));
                match (found.next(), found.next()) {
                    (Some(raw), None) => raw,
                    (Some(_), Some(_)) | (None, _) => return None,
                }
            }
        };
        shape(raw)
    }

    /// The schema of a provider's own block.
    pub(crate) fn provider(&self, source: &str) -> Option<BlockShape> {
        shape(self.find(source)?.provider?)
    }
}

impl<'t> Provider<'t> {
    fn raw(&self, kind: Kind, of: &str) -> Option<&'t RawValue> {
        let all = match kind {
            Kind::Action => &self.action_schemas,
            Kind::Data => &self.data_source_schemas,
            Kind::Ephemeral => &self.ephemeral_resource_schemas,
            Kind::Resource => &self.resource_schemas,
        };
        all.as_ref()?.get(of).copied()
    }
}

/// A schema that cannot be read describes nothing.
fn shape(raw: &RawValue) -> Option<BlockShape> {
    let schema: Schema = serde_json::from_str(raw.get()).ok()?;
    schema.block.map(RawBlock::shape)
}
