//! Types and their JSON signatures.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use super::MAX_DEPTH;

/// The type of a Terraform value.
///
/// On the wire a type is a compact JSON text, its *signature*:
///
/// ```
/// use tfplugin::value::Type;
///
/// let ports = Type::list(Type::object([("port", Type::Number), ("protocol", Type::String)]));
/// let signature = r#"["list",["object",{"port":"number","protocol":"string"}]]"#;
/// assert_eq!(ports.to_signature(), signature);
/// assert_eq!(Type::from_signature(signature.as_bytes()), Ok(ports));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// Unicode text.
    String,
    /// A decimal number of any size, see [`super::Number`].
    Number,
    /// True or false.
    Bool,
    /// Any type; the value brings its own.
    Dynamic,
    /// Ordered elements of one type.
    List(Box<Type>),
    /// Unordered distinct elements of one type.
    Set(Box<Type>),
    /// Elements of one type by text key.
    Map(Box<Type>),
    /// A fixed group of named attributes, each with its own type.
    Object(BTreeMap<String, Type>),
    /// A fixed row of elements, each with its own type.
    Tuple(Vec<Type>),
}

/// Why a type signature cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The bytes are not JSON.
    #[error("the type signature is not valid JSON: {0}")]
    NotJson(String),
    /// The JSON does not describe a type.
    #[error("{0} is not a type signature")]
    NotAType(String),
    /// The type nests deeper than [`MAX_DEPTH`].
    #[error("the type nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map from text to `element`.
    #[must_use]
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object with these attributes.
    #[must_use]
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Type)>) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, ty)| (name.into(), ty))
                .collect(),
        )
    }

    /// A tuple of these element types.
    #[must_use]
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// Whether the type is, or anywhere contains, [`Type::Dynamic`].
    #[must_use]
    pub fn contains_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::String | Self::Number | Self::Bool => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                element.contains_dynamic()
            }
            Self::Object(attributes) => attributes.values().any(Self::contains_dynamic),
            Self::Tuple(elements) => elements.iter().any(Self::contains_dynamic),
        }
    }

    /// The compact JSON signature, as Terraform writes it.
    #[must_use]
    pub fn to_signature(&self) -> String {
        self.to_json().to_string()
    }

    fn to_json(&self) -> Json {
        match self {
            Self::String => Json::from("string"),
            Self::Number => Json::from("number"),
            Self::Bool => Json::from("bool"),
            Self::Dynamic => Json::from("dynamic"),
            Self::List(element) => Json::from(vec![Json::from("list"), element.to_json()]),
            Self::Set(element) => Json::from(vec![Json::from("set"), element.to_json()]),
            Self::Map(element) => Json::from(vec![Json::from("map"), element.to_json()]),
            Self::Object(attributes) => {
                let attributes = attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.to_json()));
                Json::from(vec![
                    Json::from("object"),
                    Json::Object(attributes.collect()),
                ])
            }
            Self::Tuple(elements) => Json::from(vec![
                Json::from("tuple"),
                Json::Array(elements.iter().map(Self::to_json).collect()),
            ]),
        }
    }

    /// Reads a JSON signature. The third element that some object signatures
    /// carry (names of optional attributes) is checked and dropped: it only
    /// guides conversions inside Terraform.
    ///
    /// # Errors
    /// When the bytes are not JSON, do not describe a type, or nest too deep.
    pub fn from_signature(signature: &[u8]) -> Result<Self, TypeError> {
        let json: Json = serde_json::from_slice(signature)
            .map_err(|error| TypeError::NotJson(error.to_string()))?;
        Self::from_json(&json, MAX_DEPTH)
    }

    fn from_json(json: &Json, levels: usize) -> Result<Self, TypeError> {
        let levels = levels.checked_sub(1).ok_or(TypeError::TooDeep)?;
        let malformed = || TypeError::NotAType(shortened(json));
        match json {
            Json::String(word) => match word.as_str() {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(malformed()),
            },
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), argument] => {
                    Self::constructed(kind, argument, levels).ok_or_else(malformed)?
                }
                [Json::String(kind), argument, Json::Array(optional)]
                    if kind == "object" && optional.iter().all(Json::is_string) =>
                {
                    Self::constructed(kind, argument, levels).ok_or_else(malformed)?
                }
                _ => Err(malformed()),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Err(malformed()),
        }
    }

    /// A type made of other types; `None` when kind and argument do not fit.
    fn constructed(kind: &str, argument: &Json, levels: usize) -> Option<Result<Self, TypeError>> {
        match (kind, argument) {
            ("list", element) => Some(Self::from_json(element, levels).map(Self::list)),
            ("set", element) => Some(Self::from_json(element, levels).map(Self::set)),
            ("map", element) => Some(Self::from_json(element, levels).map(Self::map)),
            ("object", Json::Object(attributes)) => Some(
                attributes
                    .iter()
                    .map(|(name, ty)| Ok((name.clone(), Self::from_json(ty, levels)?)))
                    .collect::<Result<_, _>>()
                    .map(Self::Object),
            ),
            ("tuple", Json::Array(elements)) => Some(
                elements
                    .iter()
                    .map(|ty| Self::from_json(ty, levels))
                    .collect::<Result<_, _>>()
                    .map(Self::Tuple),
            ),
            _ => None,
        }
    }
}

/// The JSON text, cut so that an error message stays readable.
fn shortened(json: &Json) -> String {
    let text = json.to_string();
    if text.chars().count() <= 80 {
        return text;
    }
    text.chars().take(77).chain("...".chars()).collect()
}

impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => formatter.write_str("string"),
            Self::Number => formatter.write_str("number"),
            Self::Bool => formatter.write_str("bool"),
            Self::Dynamic => formatter.write_str("any"),
            Self::List(element) => write!(formatter, "list of {element}"),
            Self::Set(element) => write!(formatter, "set of {element}"),
            Self::Map(element) => write!(formatter, "map of {element}"),
            Self::Object(_) => formatter.write_str("object"),
            Self::Tuple(_) => formatter.write_str("tuple"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read_and_printed_alike() {
        for signature in [
            r#""string""#,
            r#""number""#,
            r#""bool""#,
            r#""dynamic""#,
            r#"["list","string"]"#,
            r#"["set",["map","number"]]"#,
            r#"["object",{"a":"string","b":["tuple",["bool","dynamic"]]}]"#,
            r#"["object",{}]"#,
            r#"["tuple",[]]"#,
        ] {
            let ty = Type::from_signature(signature.as_bytes()).unwrap();
            assert_eq!(ty.to_signature(), signature);
        }
    }

    #[test]
    fn optional_attribute_names_are_dropped() {
        assert_eq!(
            Type::from_signature(br#"["object",{"a":"string"},["a"]]"#),
            Ok(Type::object([("a", Type::String)]))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "string",
            "\"text\"",
            "[]",
            r#"["list"]"#,
            r#"["list","string","x"]"#,
            r#"["tuple","string"]"#,
            "5",
        ] {
            assert!(Type::from_signature(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let signature = format!("{}\"string\"{}", r#"["list","#.repeat(110), "]".repeat(110));
        assert!(matches!(
            Type::from_signature(signature.as_bytes()),
            Err(TypeError::TooDeep)
        ));
        let hostile = "[".repeat(100_000);
        assert!(matches!(
            Type::from_signature(hostile.as_bytes()),
            Err(TypeError::NotJson(_))
        ));
    }

    #[test]
    fn dynamic_is_found_at_any_depth() {
        assert!(Type::list(Type::object([("x", Type::tuple([Type::Dynamic]))])).contains_dynamic());
        assert!(!Type::set(Type::Number).contains_dynamic());
    }
}
