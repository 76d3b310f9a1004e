//! Schemas as the messages Terraform receives.

use tfplugin_proto::tfplugin6 as proto;

use super::{
    Attribute, AttributeKind, Block, BlockNesting, IdentitySchema, NestedBlock, Nesting, Presence,
    Schema,
};
use crate::value::Type;

impl Schema {
    pub(crate) fn to_proto(&self) -> proto::Schema {
        proto::Schema {
            version: self.version,
            block: Some(self.block.to_proto()),
        }
    }
}

impl Block {
    fn to_proto(&self) -> proto::schema::Block {
        proto::schema::Block {
            attributes: self.attributes.iter().map(Attribute::to_proto).collect(),
            block_types: self.blocks.iter().map(NestedBlock::to_proto).collect(),
            description: self.description.clone(),
            description_kind: proto::StringKind::Markdown.into(),
            deprecated: self.deprecation.is_some(),
            deprecation_message: self.deprecation.clone().unwrap_or_default(),
            ..proto::schema::Block::default()
        }
    }
}

impl NestedBlock {
    fn to_proto(&self) -> proto::schema::NestedBlock {
        use proto::schema::nested_block::NestingMode;
        let nesting = match self.nesting {
            BlockNesting::Single => NestingMode::Single,
            BlockNesting::Group => NestingMode::Group,
            BlockNesting::List => NestingMode::List,
            BlockNesting::Set => NestingMode::Set,
            BlockNesting::Map => NestingMode::Map,
        };
        proto::schema::NestedBlock {
            type_name: self.name.clone(),
            block: Some(self.block.to_proto()),
            nesting: nesting.into(),
            min_items: self.min_items.into(),
            max_items: self.max_items.into(),
        }
    }
}

impl Attribute {
    fn to_proto(&self) -> proto::schema::Attribute {
        let (r#type, nested_type) = match &self.kind {
            AttributeKind::Plain(plain) => (signature(plain), None),
            AttributeKind::Nested {
                nesting,
                attributes,
            } => (Vec::new(), Some(nested(*nesting, attributes))),
        };
        proto::schema::Attribute {
            name: self.name.clone(),
            r#type,
            nested_type,
            description: self.description.clone(),
            description_kind: proto::StringKind::Markdown.into(),
            required: self.presence == Presence::Required,
            optional: matches!(
                self.presence,
                Presence::Optional | Presence::OptionalComputed
            ),
            computed: self.presence.is_computed(),
            sensitive: self.sensitive,
            write_only: self.write_only,
            deprecated: self.deprecation.is_some(),
            deprecation_message: self.deprecation.clone().unwrap_or_default(),
        }
    }
}

fn nested(nesting: Nesting, attributes: &[Attribute]) -> proto::schema::Object {
    use proto::schema::object::NestingMode;
    let mode = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    proto::schema::Object {
        attributes: attributes.iter().map(Attribute::to_proto).collect(),
        nesting: mode.into(),
        ..proto::schema::Object::default()
    }
}

impl IdentitySchema {
    pub(crate) fn to_proto(&self) -> proto::ResourceIdentitySchema {
        let attributes = self.attributes.iter().map(|attribute| {
            proto::resource_identity_schema::IdentityAttribute {
                name: attribute.name.clone(),
                r#type: signature(&attribute.r#type),
                required_for_import: attribute.required_for_import,
                optional_for_import: !attribute.required_for_import,
                description: attribute.description.clone(),
            }
        });
        proto::ResourceIdentitySchema {
            version: self.version,
            identity_attributes: attributes.collect(),
        }
    }
}

pub(crate) fn signature(r#type: &Type) -> Vec<u8> {
    r#type.to_signature().into_bytes()
}
