//! Resource identity: the few attributes that name a remote object for good.

use std::collections::BTreeMap;

use crate::value::Type;

/// The identity of a resource type (Terraform 1.12+): versioned apart from the resource schema, stored
/// beside the state, usable in `import` blocks and required for `terraform query`.
#[derive(Clone, Debug, Default)]
pub struct IdentitySchema {
    /// Stored with every identity; raise it when stored identities need an upgrade.
    pub version: i64,
    /// In the order of the documentation.
    pub attributes: Vec<IdentityAttribute>,
}

/// One attribute of an identity. Terraform allows strings, numbers, booleans and lists of them.
#[derive(Clone, Debug)]
pub struct IdentityAttribute {
    /// Name as written in an `import` block.
    pub name: String,
    /// Primitive, or a list of a primitive.
    pub r#type: Type,
    /// Must be given to import; otherwise it may be.
    pub required_for_import: bool,
    /// Plain text.
    pub description: String,
}

impl IdentitySchema {
    /// An empty identity of a version; 0 for the first one.
    #[must_use]
    pub fn new(version: i64) -> Self {
        Self {
            version,
            attributes: Vec::new(),
        }
    }

    /// Adds an attribute that an import must give.
    #[must_use]
    pub fn required(
        self,
        name: impl Into<String>,
        r#type: Type,
        description: impl Into<String>,
    ) -> Self {
        self.with(name, r#type, true, description)
    }

    /// Adds an attribute that an import may give.
    #[must_use]
    pub fn optional(
        self,
        name: impl Into<String>,
        r#type: Type,
        description: impl Into<String>,
    ) -> Self {
        self.with(name, r#type, false, description)
    }

    fn with(
        mut self,
        name: impl Into<String>,
        r#type: Type,
        required_for_import: bool,
        description: impl Into<String>,
    ) -> Self {
        self.attributes.push(IdentityAttribute {
            name: name.into(),
            r#type,
            required_for_import,
            description: description.into(),
        });
        self
    }

    /// The object type every identity of this schema has.
    #[must_use]
    pub fn value_type(&self) -> Type {
        Type::Object(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name.clone(), attribute.r#type.clone()))
                .collect::<BTreeMap<_, _>>(),
        )
    }
}
